"""An adapter says who its caller is and by which rule they act; what they may is said in core."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: what makes a principal of another one, or of nothing, and what its first arguments are
MAKING = {"replace", "Principal"}
BEFORE_PERMISSIONS = 5
#: what makes a rule
RULES = {"Reach", "spared"}
#: where it is the gateway itself that does something, and for what
ITSELF = {
    "adapters/camunda/default_roles.py",  # makes the roles that a store begins with, if that is wished
    "adapters/camunda/sessions.py",  # ends a session whose owner is gone, makes the first administrator
    "adapters/common/deliverer.py",  # sends what waits
    "adapters/facilioo/auth.py",  # makes its signing key
    "adapters/inubit/health.py",  # looks at a switch
}


def called(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def of_permissions(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "permissions"


def grants(source: str) -> Iterator[str]:
    """Where a principal, or a rule for it, gets more than it had."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name, keywords = called(node), {k.arg: k.value for k in node.keywords}
            if name in MAKING and "permissions" in keywords:
                yield f"{node.lineno}: permissions"
            if name in MAKING and any(k.arg is None for k in node.keywords):
                yield f"{node.lineno}: anything"
            if name == "Principal" and len(node.args) > BEFORE_PERMISSIONS:
                yield f"{node.lineno}: permissions by position"
            if name in RULES or RULES & keywords.keys():
                yield f"{node.lineno}: a rule of its own"
            if name == "union" and isinstance(node.func, ast.Attribute) and of_permissions(node.func.value):
                yield f"{node.lineno}: more permissions"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            if of_permissions(node.left) or of_permissions(node.right):
                yield f"{node.lineno}: more permissions"
        elif isinstance(node, ast.AugAssign | ast.Assign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(t, ast.Attribute) and t.attr in ("permissions", "reach", "spared") for t in targets):
                yield f"{node.lineno}: assigned"


def test_no_adapter_grants_its_caller_anything() -> None:
    for source in (
        "replace(who, permissions=who.permissions | {Permission.WORK})",
        "dataclasses.replace(who, permissions=ALL)",
        "replace(who, **more)",
        "Principal(1, 2, 'ann', 'test', 'basic', ALL)",
        "Principal(1, 2, 'ann', 'test', permissions=ALL)",
        "ALL | who.permissions",
        "more = who.permissions.union(ALL)",
        "replace(who, reach=Reach(spared=ALL))",
        "who.permissions |= ALL",
    ):
        assert list(grants(source)), source
    for source in (
        "replace(who, reach=PARTS)",
        "Principal(1, 2, 'ann', 'test', via='basic')",
        "CreateUser('ann', permissions=WORKERS)",
        "Permission.WORK in who.permissions",
    ):
        assert not list(grants(source)), source
    found = [
        f"{path.relative_to(ROOT)}:{place}"
        for path in (ROOT / "adapters").rglob("*.py")
        for place in grants(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_gateway_acts_by_itself_where_that_is_known() -> None:
    used = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "adapters").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and called(node) == "system"
    }
    assert used == ITSELF


def test_core_knows_all_rules() -> None:
    """A rule that an adapter takes has a name of `core.reach`, or is made by its one function."""
    taken = {
        ast.unparse(keyword.value).partition("(")[0]
        for path in (ROOT / "adapters").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "reach"
    }
    assert taken == {"OPEN", "PARTS", "authorized"}
