"""Forms and JSON as PHP reads them: what PHP printed, what it prints where it is installed, and how much work it is."""

import random
import subprocess
from typing import Any

import orjson
import pytest

from schemas.processmaker import php_forms, php_json
from tests.support.rounds import rounds

#: what PHP 8.2 made of them
PRINTED: dict[str, Any] = {
    "a=1": {"a": "1"},
    "variables[0][amount]=12": {"variables": [{"amount": "12"}]},
    "grid[1][a]=x&list[]=p&list[]=q": {"grid": {"1": {"a": "x"}}, "list": ["p", "q"]},
    "a%5Bb%5D=+%2B": {"a": {"b": " +"}},
    "a=b=c": {"a": "b=c"},
    "&&a": {"a": ""},
    "=1": {},
    " a=1": {"a": "1"},
    "a b=1": {"a_b": "1"},
    "a.b[c.d]=1": {"a_b": {"c.d": "1"}},
    "a[b.c=1": {"a_b_c": "1"},
    "a[b[c=1": {"a_b_c": "1"},
    "a[b][c.d=1": {"a": {"b": "1"}},
    "a[[b]=1": {"a": {"[b": "1"}},
    "a[b]]=1": {"a": {"b": "1"}},
    "a[b[c]]=1": {"a": {"b[c": "1"}},
    "a[b]x[c]=1": {"a": {"b": "1"}},
    "a[b][=1": {"a": {"b": "1"}},
    "a[]b=1": {"a": ["1"]},
    "a[ ]=1": {"a": ["1"]},
    "a[  ]=1": {"a": {"  ": "1"}},
    "a[ b]=1": {"a": {" b": "1"}},
    "[a]=1": {},
    "a]b=1": {"a]b": "1"},
    "_[a": {"__a": ""},
    ".[a=1": {"__a": "1"},
    "a%00b=1": {"a": "1"},
    "a%5B%00%5D=1": {"a_": "1"},
    "a=1&a[b]=2": {"a": {"b": "2"}},
    "a[b]=1&a=2": {"a": "2"},
    "a[01]=1&a[1]=2": {"a": {"01": "1", "1": "2"}},
    "a[1.5]=2": {"a": {"1.5": "2"}},
    "a[-0]=1": {"a": {"-0": "1"}},
    "a[1]=x&a[0]=y": {"a": {"1": "x", "0": "y"}},
    "a[9223372036854775807]=1&a[]=2": {"a": {"9223372036854775807": "1"}},
    "..Host-a=1": {},
    "__Host-a=1": {"__Host-a": "1"},
    "a;b=1": {"a;b": "1"},
}


def as_texts(raw: bytes, most: int = 1000) -> Any:
    """As PHP has it, whose front alone knows truths."""
    return php_forms.arrays((n, v.decode("utf-8", "replace")) for n, v in php_forms.fields(raw, most))


@pytest.mark.parametrize(("form", "wanted"), PRINTED.items(), ids=repr)
def test_forms(form: str, wanted: Any) -> None:
    assert as_texts(form.encode()) == wanted


def test_words_become_truths_at_every_depth() -> None:
    assert php_forms.parse(b"a=true&b[c][]=false&d=TRUE") == {"a": True, "b": {"c": [False]}, "d": "TRUE"}


def test_arrays_have_64_floors() -> None:
    deep = b"a" + b"[b]" * 64 + b"=1"
    assert as_texts(b"z=1&" + deep).keys() == {"z", "a"}
    assert as_texts(deep + b"&a" + b"[b]" * 65 + b"=2&c=3") == {"c": "3"}, "all of the variable is gone"


def test_what_is_behind_the_last_field_is_dropped() -> None:
    assert as_texts(b"&&".join(b"k%d" % n for n in range(1005))).keys() == {f"k{n}" for n in range(1000)}


_PIECES = (
    *(
        "a",
        "b",
        "[",
        "]",
        "[]",
        "[0]",
        "[1]",
        "[-1]",
        "[x]",
        ".",
        " ",
        "+",
        "%5B",
        "%5D",
        "%20",
        "%00",
        "%0a",
        "%",
        "%4",
    ),
    *("=", "&", "&", "1", "0", "01", "true", "false", "[ ]", "%c3%bc", "é", "%ff", "__Host-", "_", ";", "-0"),
    *("[9223372036854775807]", "[9223372036854775806]", "[-9223372036854775808]"),
)


def forms(count: int) -> list[bytes]:
    some = random.Random(count)
    bodies = ["".join(some.choice(_PIECES) for _ in range(some.randrange(1, 40))) for _ in range(count)]
    for _ in range(count // 100):
        bodies.append("&".join("a" + "[b]" * some.randrange(60, 68) + "=1" for _ in range(3)) + "&a[c]=2")
        bodies.append("&".join(f"k{n % 40}[]=1" for n in range(some.randrange(995, 1006))))
    return [body.encode() for body in bodies]


def php(program: str, inputs: list[bytes]) -> list[str]:
    """What a loop over lines of hexadecimal digits prints for each."""
    loop = f"while (($line = fgets(STDIN)) !== false) {{ $raw = hex2bin(trim($line)); {program} }}"
    lines = "\n".join(raw.hex() for raw in inputs) + "\n"
    done = subprocess.run(
        ["php", "-n", "-d", "display_errors=0", "-r", loop], input=lines, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.needs("php")
def test_forms_beside_php() -> None:
    several = [*(form.encode() for form in PRINTED), *forms(rounds(4000))]
    options = "JSON_INVALID_UTF8_SUBSTITUTE"
    printed = php(f"parse_str($raw, $read); echo json_encode($read, {options}), chr(10);", several)
    for form, line in zip(several, printed, strict=True):
        assert as_texts(form) == (orjson.loads(line) or {}), form


def test_work_on_forms_grows_with_their_length() -> None:
    """What is made of fields is no larger than they are, whatever they are called."""

    def made(value: Any) -> int:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return 1 + sum(map(made, inner))

    for name in (b"a[]", b"a[9223372036854775806][]", b"a" + b"[b]" * 64, b"a" + b"[]" * 64, b"[" * 500, b"a" * 500):
        assert made(as_texts(b"&".join([name + b"=1"] * 1000))) <= 1000 * 65 + 1


# JSON

REASONS: dict[bytes, str] = {
    b"{}": "",
    b'{"a":': php_json.SYNTAX,
    b"[1,]": php_json.SYNTAX,
    b"TRUE": php_json.SYNTAX,
    b"01": php_json.SYNTAX,
    b"  ": php_json.SYNTAX,
    b"\xef\xbb\xbf{}": php_json.SYNTAX,
    b'["\\x"]': php_json.SYNTAX,
    b'["\\u12"]': php_json.SYNTAX,
    b'"abc': php_json.CONTROL,
    b'["\x01"]': php_json.CONTROL,
    b"[1 \x02": php_json.CONTROL,
    b"{}\x00": php_json.CONTROL,
    b'["\xff"]': php_json.ENCODING,
    b"[1]\xff": php_json.ENCODING,
    b'"\xed\xa0\x80"': php_json.ENCODING,
    b"[1}": php_json.MISMATCH,
    b'[{"a":1]': php_json.MISMATCH,
    b"[" * 511 + b"]" * 511: "",
    b"[" * 512 + b"]" * 512: php_json.DEPTH,
    b'["\\ud800"]': php_json.OTHER,
    b'{"\\u0000a":1}': php_json.OTHER,
}


@pytest.mark.parametrize(("body", "reason"), REASONS.items(), ids=lambda value: repr(value)[:20])
def test_reasons(body: bytes, reason: str) -> None:
    assert php_json.reason(body) == reason
    if not reason:
        php_json.loads(body)
        return
    with pytest.raises(php_json.Malformed, match=f"^{reason}$"):
        php_json.loads(body)


def test_a_number_beyond_all_others_is_refused() -> None:
    with pytest.raises(php_json.Malformed, match=php_json.SYNTAX):
        php_json.loads(b"[1e999]")


_TOKENS = (
    *(b"[", b"]", b"{", b"}", b",", b":", b'"a"', b'"\\u0000a"', b'"\\u00e9\\n"', b"1", b"-0", b"1.5e3", b"true"),
    *(
        b"null",
        b" ",
        b"\n",
        b"\x01",
        b"\xff",
        b"\xc3\xbc",
        b'"',
        b"\\",
        b'"\\ud83d\\ude00"',
        b'"\\ud83d"',
        b'"\\udc00"',
    ),
    *(b'"\xc3\xbc"', b'"\xc3"', b'"\x02"', b"x", b"TRUE", b"01", b"\x00", b'"\\x"', b'{"a":', b'"b":1', b"[1,2]"),
    *(b"\x7f", b'"\x7f"', b"\xed\xa0\x80", b'"\\u12'),
)


def texts(count: int) -> list[bytes]:
    """Rows of tokens, and good texts with something wrong in them."""
    some = random.Random(count)

    def good(depth: int) -> bytes:
        kind = some.randrange(6)
        if depth > 4 or kind == 0:
            return some.choice([b"1", b'"a"', b"true", b"-1.5", b'"\\u0041"'])
        inner = [good(depth + 1) for _ in range(some.randrange(3))]
        if kind < 3:
            return b"[" + b",".join(inner) + b"]"
        return b"{" + b",".join(some.choice([b'"a":', b'"b":']) + each for each in inner) + b"}"

    bodies = [b"".join(some.choice(_TOKENS) for _ in range(some.randrange(9))) for _ in range(count)]
    for _ in range(count):
        text = bytearray(good(0))
        for _ in range(some.randrange(3)):
            at = some.randrange(len(text) + 1)
            text[at : at + some.randrange(3)] = some.choice((b"", some.choice(_TOKENS)))
        bodies.append(bytes(text))
    for _ in range(count // 100):
        floors = some.randrange(508, 515)
        closers = some.choice([b"]", b"}"]) * floors
        bodies.append(some.choice([b"[", b'{"a":']) * floors + some.choice([b"1", b"", b"\x01"]) + closers)
    return bodies


@pytest.mark.needs("php")
def test_json_beside_php() -> None:
    several = [*REASONS, *texts(rounds(3000))]
    codes = php("json_decode($raw); echo json_last_error(), chr(10);", several)
    by_code = {
        **{"0": "", "1": php_json.DEPTH, "2": php_json.MISMATCH},
        **{"3": php_json.CONTROL, "4": php_json.SYNTAX, "5": php_json.ENCODING},
    }
    for body, code in zip(several, codes, strict=True):
        assert php_json.reason(body) == by_code.get(code, php_json.OTHER), body
        if code == "0":
            php_json.loads(body)
        else:
            with pytest.raises(php_json.Malformed):
                php_json.loads(body)
