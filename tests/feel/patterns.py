"""Patterns over texts: what RE2 can run has to give what Java's own engine gives."""

from typing import Any

PATTERNS = [
    *("a|b", "^a.*c$", r"\d+", "[0-9]{2,4}", r"\w+@\w+\.\w+", "(?i)ABC", "(a)(b)?", "a{2}", "a{,2}", "{", "a{x", "["),
    *("]", "}", "(", ")", "*", "a**", "a*?", "(?<n>a)", r"\Qa.b\E", r"\p{L}+", r"\p{Lu}", r"\p{Alpha}", r"\P{L}"),
    *(r"\p{IsAlphabetic}", r"\p{Foo}", r"\s+", r"\S", r"\h", ".", "a.c", "x*", "", "|", r"\B", "$", "^", "^$", "[^a]"),
    *("[a-]", "[]a]", r"[\]a]", r"\y", r"\-", r"\.", r"\/", r"\t", r"\x41", r"\u0041", r"\x{1F600}", r"\0101", r"\cA"),
    *(
        "(?s).",
        "(?m)^b",
        "(?:ab)+",
        "(?i:a)b",
        "(a|b)*c",
        "é",
        "😀",
        "[😀a]",
        r"\e",
        r"\z",
        r"\A",
        "(x+x+)+y",
        "[a-c]+",
    ),
    *(",", ", ", ";", r"\|", r"\\", '"', "a?", "(?-i)a", r"[^\s]", r"[\s\S]", r"[\d-x]", r"[a\-z]", r"[\p{L}0-9]"),
    *(r"\p{IsLatin}", "~", "#", "(?#c)", r"^[A-Z]{2}\d{3}$", r"^\d{4}-\d{2}-\d{2}$", "(foo|bar)@", r"[.,;]\s*"),
]
TEXTS = [
    *("", "a", "abc", "aabbcc", "a.b", "foo@bar.com", "ABC", "a\nb", "abc\r\n", "12 345", "xxxxxxxxxxxxxxxxxxxx", "é"),
    *("😀a", "a,b;c, d", "\t x", "]", "|\\", "b b", "AB123", "2026-01-31"),
]
REPLACEMENTS = ["-", "$1", "[$0]", "\\$", "$2", "${n}", "$", "\\", "$11"]
FLAGS = ["i", "s", "m", "x", "im", "z"]
#: what RE2 cannot do, and is refused
REFUSED = [
    *("(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", "(?>a)", "a++", "a*+", "a?+", "a{2}+", r"(a)\1", r"(?<n>a)\k<n>"),
    *(
        "[a-z&&[^b]]",
        "[^a[b]]",
        "[a[^b]]",
        r"\R",
        r"\G",
        r"\X",
        r"a\Z",
        "(?u)a",
        "(?x) a",
        "a{1001}",
        "(?m:^a)",
        "{2}a",
        "a{2}{3}",
    ),
    *(r"\p{javaLowerCase}", r"\p{InGreek}"),
]


def lines() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for at, pattern in enumerate(PATTERNS):
        for turn in range(2):
            text = TEXTS[(at * 7 + turn * 11) % len(TEXTS)]
            variables = {"t": text, "p": pattern}
            flags, replacement = FLAGS[(at + turn) % len(FLAGS)], REPLACEMENTS[(at + turn) % len(REPLACEMENTS)]
            found += [
                {"text": f'matches(t, p, "{flags}")', "variables": variables},
                *({"text": f"{name}(t, p)", "variables": variables} for name in ("matches", "split", "extract")),
                {"text": "replace(t, p, r)", "variables": {**variables, "r": replacement}},
            ]
    return found
