"""What a gateway says about itself at its root: a page for people, JSON for programs."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from importlib.metadata import version
from typing import Any

from core.engine import Engine
from gateway import manual
from gateway.dialects import Plan

NAME = "Dragoman"
#: the tenant's name in the demo world
DEMO = "demo"

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:3rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ddd}"
    "code{background:#f4f4f4;padding:.1rem .3rem}pre{background:#f4f4f4;padding:.6rem;overflow:auto}"
)
_LINKS = {"documentation": "documentation", "openapi": "OpenAPI", "wsdl": "WSDL"}


def page(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{body}</body></html>'


def serves_demo(engine: Engine) -> bool:
    return engine.tenant("", DEMO) is not None


def described(engine: Engine, plans: Sequence[Plan]) -> dict[str, Any]:
    return {
        "name": NAME,
        "version": _version(),
        "state": "maintenance" if engine.maintenance else "ready",
        "demo": serves_demo(engine),
        "dialects": [_dialect(plan) for plan in plans],
        "links": {
            **({"documentation": "/docs/"} if manual.pages() else {}),
            **{name: f"/{name}" for name in ("health", "ready", "metrics")},
        },
    }


def as_page(about: Mapping[str, Any]) -> str:
    rows = "".join(_row(dialect) for dialect in about["dialects"])
    state = "in maintenance" if about["state"] == "maintenance" else "ready"
    demo = "<p>It serves the <b>demo world</b>: every password is the user's name.</p>" if about["demo"] else ""
    links = " · ".join(f'<a href="{escape(to)}">{name}</a>' for name, to in about["links"].items())
    return page(
        NAME,
        f"<h1>{NAME} {escape(about['version'])}</h1><p>A compatibility gateway for user tasks: programs that talked to "
        f"these products talk to one task engine here, unchanged. The gateway is <b>{state}</b>.</p>{demo}"
        "<table><tr><th>Dialect</th><th>Profile</th><th>For example</th><th>Operations</th><th>More</th></tr>"
        f"{rows}</table><p>{links}</p>",
    )


def _row(dialect: Mapping[str, Any]) -> str:
    links = " · ".join(f'<a href="{escape(to)}">{_LINKS[name]}</a>' for name, to in dialect["links"].items())
    hosts = f" at {escape(', '.join(dialect['hosts']))}" if dialect["hosts"] else ""
    return (
        f"<tr><td>{escape(dialect['title'])}</td><td>{escape(dialect['profile'])}</td>"
        f"<td><code>{escape(dialect['example'])}</code>{hosts}</td><td>{dialect['operations']}</td><td>{links}</td></tr>"
    )


def _dialect(plan: Plan) -> dict[str, Any]:
    dialect = plan.dialect
    method, _, path = dialect.example.partition(" ")
    links = {}
    if f"{dialect.name}.md" in manual.pages():
        links["documentation"] = f"/docs/{dialect.name}.md"
    if dialect.describe is not None:
        links["openapi"] = f"/openapi/{dialect.name}.json"
    if dialect.wsdl:
        links["wsdl"] = plan.prefix + dialect.wsdl
    return {
        "name": dialect.name,
        "title": dialect.title,
        "profile": plan.profile,
        "prefix": plan.prefix,
        "hosts": plan.hosts,
        "example": f"{method} {plan.prefix}{path}",
        "operations": len(dialect.operations),
        "links": links,
    }


@lru_cache(maxsize=1)
def _version() -> str:
    return version("dragoman")
