"""What a client names reaches no table of Python's, and what it says is read by no grammar of Python's.

Codecs that take quadratic time, patterns that never end, digits of all scripts, weeks for dates, attributes of whatever
stands there: each was found once. So these functions are called with what is written in the source, and nothing else.
`tests/faults/test_client_names.py` tries the gateway; this file looks at the source.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "schemas", "adapters", "gateway")
#: what is read there comes from who runs the gateway, or from a database
ELSEWHERE = (
    "gateway/cli/",
    "gateway/settings/",
    "gateway/tour.py",
    "gateway/rehearsal.py",
    "core/migrations/",
    "core/storage/",
)

#: functions and methods -> which of their arguments names something
NAMING = {
    **dict.fromkeys(("decode", "encode"), 0),
    "strftime": -1,
    **dict.fromkeys(("getattr", "setattr", "delattr", "hasattr"), 1),
    **dict.fromkeys(("attrgetter", "methodcaller", "getLogger"), 0),
}
PATTERNS = ("compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
#: nobody needs them where requests are answered
NEVER = {
    *("eval", "exec", "__import__", "import_module", "find_spec", "ZoneInfo", "setlocale", "format_map"),
    *("getencoder", "getdecoder", "getreader", "getwriter", "iterdecode", "iterencode"),
    *("isdigit", "isdecimal", "isnumeric", "fromisoformat", "strptime"),
}
NEVER_OF = {("codecs", "lookup"), ("codecs", "decode"), ("codecs", "encode"), ("unicodedata", "lookup")}
NUMBERS = ("int", "float", "Decimal", "complex", "Fraction")
#: what makes or takes a text
TEXTS = {
    *("str", "header", "option", "strip", "lstrip", "rstrip", "lower", "upper", "replace", "removeprefix"),
    *("removesuffix", "decode", "unquote", "join", "format"),
}
#: where names and values of a request are kept
REQUESTS = {"headers", "query_params", "path_params", "query", "params"}

_PATTERN = "a pattern has said what it looks like, and of how many digits it is"
#: (file, what is called, with what) -> why it may be
KNOWN = {
    ("schemas/common/numbers.py", "isdigit", ""): "the place for numbers",
    ("schemas/common/numbers.py", "int", "text"): "the place for numbers",
    ("schemas/common/charsets.py", "decode", "codec"): "the place for character sets: it is out of their list",
    ("schemas/common/xml.py", "decode", "codec"): "it is out of the list of character sets",
    ("adapters/camunda/deployments.py", "decode", "codec"): "it is out of the list of character sets",
    ("adapters/camunda/forms.py", "encode", "codec"): "it is out of the list of character sets",
    ("schemas/camunda/body.py", "int", "digits"): "twenty of them at most, found in JSON",
    ("schemas/inforouter/form.py", "decode", "encoding"): "it is out of the list of character sets",
    ("schemas/inforouter/soap.py", "decode", "encoding"): "it is out of the list of character sets",
    ("core/graph/feel/literals.py", "Decimal", "text"): _PATTERN,
    ("core/graph/feel/literals.py", "int", "text"): _PATTERN,
    ("core/graph/feel/numbers.py", "Decimal", "text"): _PATTERN,
    ("core/graph/feel/numbers.py", "int", "text"): _PATTERN,
    ("core/graph/feel/zones.py", "ZoneInfo", ""): "an id of the zone database: letters and digits, below its folder",
    ("gateway/traffic/bodies.py", "decode", "charset"): "it is out of the list of character sets",
    ("gateway/traffic/bodies.py", "encode", "charset"): "it is out of the list of character sets",
    ("gateway/traffic/bodies.py", "encode", "self.charset"): "it is out of the list of character sets",
    ("gateway/traffic/har_reader.py", "encode", "said"): "it is out of the list of character sets",
    ("gateway/traffic/har_reader.py", "encode", "said or 'utf-8'"): "it is out of the list of character sets",
    ("gateway/traffic/har_reader.py", "fromisoformat", ""): _PATTERN,
    ("gateway/traffic/own_addresses.py", "compile", "pattern"): "escaped, and out of the command line",
    ("gateway/traffic/secret_places.py", "encode", "charset"): "one of two that stand above",
    ("gateway/traffic/sources.py", "decode", "raw"): "a decoder of one of three that stand above",
    ("core/times.py", "int", "zone[1:3]"): _PATTERN,
    ("core/times.py", "int", "zone[-2:]"): _PATTERN,
    ("schemas/inforouter/values.py", "int", "f'{sign}{digits[:11] or 0}'"): _PATTERN,
    ("schemas/inforouter/xmldates.py", "int", "zone[1:3]"): _PATTERN,
    ("schemas/inforouter/xmldates.py", "int", "zone[4:6]"): _PATTERN,
    ("schemas/inforouter/xmldates.py", "int", "f'{digits[:7]:0<7}'"): _PATTERN,
    ("schemas/processmaker/php_forms.py", "int", "index"): _PATTERN,
    ("schemas/inforouter/task.py", "strftime", "pattern"): "one of the profile's",
    ("schemas/common/spyne_compat.py", "find_spec", ""): "of one library, when it is imported",
    ("adapters/camunda/bearer.py", "decode", "token"): "a token, and no bytes",
    ("adapters/facilioo/tokens.py", "decode", "token"): "a token, and no bytes",
    ("adapters/facilioo/tokens.py", "encode", "{'alg': 'RS256', 'typ': 'JWT'}"): "a token, and no text",
    ("adapters/inforouter/mail.py", "format", "elsewhere.text"): "one of the templates above it",
    ("adapters/inforouter/mail.py", "format", "own.text"): "one of the templates above it",
    ("adapters/camunda/directory.py", "getattr", "column"): "a column of a table above it",
    ("adapters/camunda/jobs.py", "getattr", "column"): "a column of a table above it",
    ("adapters/camunda/tasklist_search.py", "getattr", "_COLUMNS[order.field]"): "a column of a table above it",
    ("adapters/inforouter/people.py", "getattr", "column"): "a column of a table above it",
    ("adapters/inforouter/tasks.py", "getattr", "field"): "a column of a table above it",
    ("adapters/processmaker/dialect.py", "getattr", "e.profile"): "of an endpoint of ours",
    ("adapters/processmaker/openapi.py", "getattr", "e.profile"): "of an endpoint of ours",
    ("gateway/compare/addresses.py", "compile", "f'https?://(?:{hosts})(?![\\\\w.:-])'"): "hosts, escaped",
    ("gateway/compare/documents.py", "decode", "codec"): "it is out of the list of character sets",
    ("gateway/compare/documents.py", "decode", "_named(declared) or codec"): "both are out of that list",
    ("gateway/compare/jsons.py", "Decimal", "text"): "JSON's grammar has said what it looks like",
    ("gateway/compare/jsons.py", "decode", "text.removeprefix('\\ufeff')"): "a document, and no bytes",
    ("gateway/compare/moments.py", "int", "text[:10]"): _PATTERN,
    ("gateway/compare/moments.py", "int", "text[10:]"): _PATTERN,
    ("gateway/compare/moments.py", "int", "day"): _PATTERN,
    ("gateway/compare/moments.py", "int", "year"): _PATTERN,
    ("gateway/compare/moments.py", "int", "zone[1:3]"): _PATTERN,
    ("gateway/compare/moments.py", "int", "zone[-2:]"): _PATTERN,
    ("gateway/compare/numbers.py", "Decimal", "text"): _PATTERN,
    ("gateway/compare/patterns.py", "compile", "''.join(parts)"): "pieces of a table above it, and escaped letters",
    ("gateway/compare/xmls.py", "decode", "codec"): "it is out of the list of character sets",
    ("gateway/report/coverage.py", "compile", "'[^/]+'.join(parts)"): "paths of operations, escaped",
    ("gateway/replay/kinds.py", "compile", "pattern"): "paths of rules, escaped",
    (
        "gateway/diff/links.py",
        "compile",
        "f'({_ORIGIN}{_path(path)})/([1-9][0-9]{{0,8}})(?=[/?#]|$)'",
    ): "paths of rules, escaped",
    ("gateway/replay/kinds.py", "compile", "f'(?<![A-Za-z0-9])({marks})([1-9][0-9]{{0,8}})(?![A-Za-z0-9])'"): "escaped",
    ("gateway/replay/kinds.py", "compile", "'|'.join(sorted(paths))"): "paths of operations, escaped",
    ("gateway/replay/messages.py", "decode", "codec"): "it is out of the list of character sets",
    ("gateway/replay/messages.py", "encode", "codec"): "it is out of the list of character sets",
    ("gateway/replay/run.py", "compile", "f'https?://(?:{names})(?![\\\\w.:-])'"): "hosts, escaped",
    ("gateway/replay/walk.py", "decode", "text[start:]"): "a document, and no bytes",
    ("gateway/replay/walk.py", "decode", "string"): "a text in a document, and no bytes",
    ("gateway/replay/values.py", "int", "value"): _PATTERN,
    ("gateway/replay/values.py", "int", "digits[:2]"): _PATTERN,
    ("gateway/replay/values.py", "int", "digits[2:]"): _PATTERN,
    ("gateway/replay/values.py", "float", "f'0.{match[7]}'"): _PATTERN,
    ("gateway/logs.py", "getLogger", "library"): "one of those above it",
    ("gateway/lines.py", "encode", "self._stream.encoding or 'utf-8'"): "that of the machine",
}
#: files whose attributes by name are columns of rows, and members of commands
BY_COLUMN = {
    *("core/directory/decisions.py", "core/instance/revisions.py", "core/job/decisions.py"),
    *("core/people/groups.py", "core/people/users.py", "core/process/assignments.py", "core/process/stages.py"),
    *("core/registry/decisions.py", "core/task/decisions.py", "core/task/numbers.py", "core/task/reassignment.py"),
    *("core/reach.py", "core/turn/workingset.py"),
}


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_ours(node: ast.expr | None) -> bool:
    """Written in the source, or a constant of it."""
    if isinstance(node, ast.Name | ast.Attribute):
        return _name(node).strip("_").isupper()
    return node is None or isinstance(node, ast.Constant)


def _annotated(node: ast.expr | None) -> str:
    return ast.unparse(node).removesuffix(" | None") if node is not None else ""


class _Source(ast.NodeVisitor):
    """Calls of a file that name something, or read a number out of a text, as (what is called, with what)."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str, str]] = []
        self._texts: list[set[str]] = []
        self._lists: list[set[str]] = []

    # what is text

    def _is_text(self, node: ast.expr) -> bool:
        match node:
            case ast.Constant(value=str()) | ast.JoinedStr():
                return True
            case ast.Name(id=name):
                return any(name in texts for texts in self._texts)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._is_text(left) or self._is_text(right)
            case ast.BoolOp(values=values):
                return any(map(self._is_text, values))
            case ast.IfExp(body=body, orelse=orelse):
                return self._is_text(body) or self._is_text(orelse)
            case ast.Call(func=ast.Attribute(value=owner, attr="get")):
                return _name(owner) in REQUESTS
            case ast.Call(func=function):
                return _name(function) in TEXTS
            case ast.Subscript(value=owner):
                return self._is_text(owner) or self._are_texts(owner) or _name(owner) in REQUESTS
            case ast.NamedExpr(value=value):
                return self._is_text(value)
        return False

    def _are_texts(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return any(name in lists for lists in self._lists)
            case ast.Call(func=ast.Attribute(attr=name)):
                return name in ("split", "rsplit", "partition", "rpartition", "splitlines", "findall", "getlist")
        return False

    def _bind(self, target: ast.expr, value: ast.expr | None, *, each: bool = False) -> None:
        if isinstance(target, ast.Name) and value is not None and self._texts:
            if self._are_texts(value) if each else self._is_text(value):
                self._texts[-1].add(target.id)
            elif not each and self._are_texts(value):
                self._lists[-1].add(target.id)
        elif isinstance(target, ast.Tuple) and value is not None and self._are_texts(value) and self._texts:
            self._texts[-1] |= {name.id for name in target.elts if isinstance(name, ast.Name)}

    def _declare(self, name: str, annotation: ast.expr | None) -> None:
        kind = _annotated(annotation)
        if kind in ("str", "bytes"):
            self._texts[-1].add(name)
        elif kind.endswith(("[str]", "[str, ...]", "[bytes]")):
            self._lists[-1].add(name)

    def _inside(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        self._texts.append(set())
        self._lists.append(set())
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            self._declare(argument.arg, argument.annotation)
        self.generic_visit(node)
        self._texts.pop()
        self._lists.pop()

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _inside  # noqa: N815

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._bind(target, node.value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if isinstance(node.target, ast.Name) and self._texts:
            self._declare(node.target.id, node.annotation)
        self.generic_visit(node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._bind(node.target, node.value)
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        self._bind(node.target, node.iter, each=True)
        self.generic_visit(node)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        for generator in node.generators:
            self._bind(generator.target, generator.iter, each=True)
        self.generic_visit(node)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension  # noqa: N815

    # what is called

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Also without a call: `map(str.isdigit, texts)`."""
        if node.attr in NEVER or (_name(node.value), node.attr) in NEVER_OF:
            self._note(node, node.attr, None)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in NEVER:
            self._note(node, node.id, None)

    def _note(self, node: ast.expr, name: str, argument: ast.expr | None) -> None:
        self.found.append((node.lineno, name, "" if argument is None else ast.unparse(argument)))

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        name, arguments = _name(node.func), node.args
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        if name in NUMBERS and arguments and not _is_ours(arguments[0]) and self._is_text(arguments[0]):
            self._note(node, name, arguments[0])
        if name == "map" and len(arguments) == 2 and _name(arguments[0]) in NUMBERS and self._are_texts(arguments[1]):
            self._note(node, _name(arguments[0]), arguments[1])
        if not self._texts:
            return  # nobody has named anything when a module is imported
        if name in ("str", "bytes") and len(arguments) > 1 and not _is_ours(arguments[1]):
            self._note(node, name, arguments[1])
        if name in NAMING and isinstance(node.func, ast.Attribute | ast.Name):
            at = NAMING[name]
            given = arguments[at] if arguments and at < len(arguments) else None
            named = keywords.get("encoding", given)
            if not _is_ours(named):
                self._note(node, name, named)
        of_re = isinstance(node.func, ast.Attribute) and _name(node.func.value) == "re"
        if of_re and name in PATTERNS and not _is_ours(arguments[0] if arguments else keywords.get("pattern")):
            self._note(node, name, arguments[0] if arguments else keywords.get("pattern"))
        if name == "format" and isinstance(node.func, ast.Attribute) and not _is_ours(node.func.value):
            self._note(node, name, node.func.value)


def named(source: str) -> list[tuple[int, str, str]]:
    finder = _Source()
    finder.visit(ast.parse(source))
    return sorted(set(finder.found))


def _files() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(ELSEWHERE):
                yield name, path.read_text(encoding="utf-8")


def test_nothing_that_a_client_names_gets_there() -> None:
    wrong, used = [], set()
    for file, source in _files():
        for line, name, argument in named(source):
            place = (file, name, argument)
            if place in KNOWN or (name in ("getattr", "setattr") and file in BY_COLUMN):
                used.add(place if place in KNOWN else file)
            else:
                wrong.append(f"{file}:{line}: {name} {argument}")
    assert wrong == [], "\n".join(wrong)
    assert {*KNOWN, *BY_COLUMN} == used, "what is not there any more needs no leave"


@pytest.mark.parametrize(
    "planted",
    [
        "def f(name: str): return codecs.lookup(name)",
        "def f(body: bytes, name: str): return body.decode(name)",
        "def f(body: bytes, name: str): return body.decode(encoding=name)",
        "def f(body: bytes, name: str): return str(body, name)",
        "def f(text: str, name: str): return text.encode(name, 'replace')",
        "async def f(request): return (await request.body()).decode(request.headers['x'])",
        "def f(pattern: str): return re.compile(pattern)",
        "def f(pattern: str, text: str): return re.fullmatch(f'{pattern}$', text)",
        "def f(request): return re.search(request.query_params['x'], 'a')",
        "def f(text: str): return int(text)",
        "def f(text: str | None): return int(text or 0)",
        "def f(request): return float(request.headers.get('x'))",
        "def f(request): return int(request.path_params['id'])",
        "def f(text: str): return [int(part) for part in text.split(',')]",
        "def f(text: str):\n    head, _, tail = text.partition('-')\n    return Decimal(tail.strip())",
        "def f(texts: tuple[str, ...]): return tuple(map(int, texts))",
        "def f(text: str): return text.isdigit()",
        "def f(texts: list[str]): return all(map(str.isdecimal, texts))",
        "def f(text: str): return date.fromisoformat(text)",
        "def f(text: str): return datetime.strptime(text, '%Y')",
        "def f(moment, pattern: str): return moment.strftime(pattern)",
        "def f(text: str): return text.format(1)",
        "def f(text: str): return text.format_map({})",
        "def f(row, name: str): return getattr(row, name)",
        "def f(row, name: str): setattr(row, f'_{name}', 1)",
        "def f(name: str): return attrgetter(name)",
        "def f(name: str): return import_module(name)",
        "def f(name: str): return __import__(name)",
        "def f(text: str): return eval(text)",
        "def f(name: str): return ZoneInfo(name)",
        "def f(name: str): return zoneinfo.ZoneInfo(name)",
        "def f(name: str): locale.setlocale(0, name)",
        "def f(name: str): return unicodedata.lookup(name)",
    ],
)
def test_what_is_planted_is_found(planted: str) -> None:
    assert named(planted)


def test_what_is_ours_is_not() -> None:
    assert not named(
        """
PATTERN = re.compile(f"{A}|{B}")
def f(body: bytes, text: str, row, match, n: int, seconds: float) -> None:
    body.decode()
    body.decode("utf-8", "replace")
    text.encode(_CODEC)
    re.sub(r"a", "b", text)
    PATTERN.fullmatch(text)
    int(match[1]) + int(match["x"] or 0) + int(seconds * 1000) + int(n)
    getattr(row, "key", None)
    TEMPLATE.format(text)
    moment.strftime("%Y")
"""
    )
