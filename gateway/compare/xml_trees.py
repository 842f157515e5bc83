"""Differences between two documents of XML, or of HTML, whose white space and added attributes say less."""

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from lxml import etree

from gateway.compare import xmls
from gateway.compare.grades import Grade
from gateway.compare.judge import Judge
from gateway.compare.lists import REORDERED, Alignment, aligned, as_sets
from gateway.compare.moments import moment
from gateway.compare.numbers import decimal

_SCHEMA = "{http://www.w3.org/2001/XMLSchema}"
_NUMBERS = frozenset(
    f"{_SCHEMA}{name}" for name in ("decimal", "integer", "int", "long", "short", "byte", "double", "float")
)
_MOMENTS = frozenset((f"{_SCHEMA}dateTime", f"{_SCHEMA}date"))
_BLANKS = " \t\r\n"
_TRUTH = {"true": "1", "false": "0"}
#: elements of a refusal that hold a code
_CODES = frozenset(("faultcode", "code", "errorcode", "error_code", "error-code", "error", "type"))


@dataclass(slots=True)
class _Walk:
    judge: Judge
    is_html: bool

    def elements(self, place: str, old: etree._Element, new: etree._Element) -> None:
        """Two of one name."""
        rule = self.judge.rule(place)
        if rule is not None and self.judge.is_ignored(place):
            return
        self._attributes(place, old, new)
        if not self.is_html and xmls.is_nil(old) != xmls.is_nil(new):
            self._report(place, Grade.BREAKING, old, new, "another xsi:nil")
            return
        mine, theirs = xmls.children(old), xmls.children(new)
        if not mine and not theirs:
            self._leaf(place, old, new)
            return
        if not mine and (old.text or "").strip() and not _has_text(new):
            self._report(place, Grade.BREAKING, old, new, "elements where text was")
            return
        if not theirs and (new.text or "").strip() and not _has_text(old):
            self._report(place, Grade.BREAKING, old, new, "text where elements were")
            return
        if [child.tag for child in mine] == [child.tag for child in theirs]:
            self._texts(place, old, new)
        elif _has_text(old) or _has_text(new):
            self._joined(place, old, new)
        self._children(place, mine, theirs)

    def _leaf(self, place: str, old: etree._Element, new: etree._Element) -> None:
        before, after = xmls.texts(old), xmls.texts(new)
        one, other = "".join(before), "".join(after)
        if self.is_html:
            one, other = xmls.squeezed(one), xmls.squeezed(other)
        if one != other and self._is_same_value(old, new, one, other):
            return
        name = xmls.local(str(old.tag)).lower()
        is_code = self.judge.is_error and not self.is_html and (name in _CODES or _is_soap_code(old))
        self.judge.value(place, one, other, is_code=is_code)

    def _is_same_value(self, old: etree._Element, new: etree._Element, one: str, other: str) -> bool:
        """By a type that both say, or as names: their prefixes are their own."""
        if self.is_html:
            return False
        if ":" in one + other and len(one) < 500 and len(other) < 500:
            name = xmls.named(old, one)
            if name is not None and name.startswith("{") and name == xmls.named(new, other):
                return True
        typed = old.get(xmls.TYPE)
        if typed is None or new.get(xmls.TYPE) is None:
            return False
        kind = xmls.named(old, typed)
        if kind in _NUMBERS:
            number = decimal(one.strip(_BLANKS))
            return number is not None and number == decimal(other.strip(_BLANKS))
        if kind == f"{_SCHEMA}boolean":
            return _TRUTH.get(one.strip(), one.strip()) == _TRUTH.get(other.strip(), other.strip())
        if kind in _MOMENTS:
            before, after = moment(one.strip()), moment(other.strip())
            return before is not None and after is not None and before.seconds == after.seconds
        return False

    def _attributes(self, place: str, old: etree._Element, new: etree._Element) -> None:
        mine, theirs = old.attrib, new.attrib
        if not mine and not theirs:
            return
        for name in map(str, mine):
            at = f"{place}/@{name}"
            one, other = str(mine[name]), theirs.get(name)
            if name == xmls.NIL and not self.is_html:
                continue
            if name == xmls.TYPE:
                self._types(at, old, new)
            elif other is None:
                if not self.judge.is_ignored(at):
                    self.judge.report(at, Grade.BREAKING, one, None, "missing attribute")
            elif one == other or not self._is_as_good(old, new, one, str(other), is_class=name == "class"):
                self.judge.value(at, one, str(other))
        for name in map(str, theirs):
            if name not in mine and name not in (xmls.NIL, xmls.TYPE):
                at = f"{place}/@{name}"
                if not self.judge.is_ignored(at):
                    self.judge.report(at, Grade.HARMLESS, None, str(theirs[name]), "added attribute")
        if xmls.TYPE in theirs and xmls.TYPE not in mine:
            self._types(f"{place}/@{xmls.TYPE}", old, new)

    def _is_as_good(self, old: etree._Element, new: etree._Element, one: str, other: str, *, is_class: bool) -> bool:
        """Classes in another order, names with another prefix."""
        if self.is_html:
            return is_class and sorted(one.split()) == sorted(other.split())
        if ":" not in one + other:
            return False
        name = xmls.named(old, one)
        return name is not None and name.startswith("{") and name == xmls.named(new, other)

    def _types(self, at: str, old: etree._Element, new: etree._Element) -> None:
        one, other = old.get(xmls.TYPE), new.get(xmls.TYPE)
        before = None if one is None else xmls.named(old, one) or one
        after = None if other is None else xmls.named(new, other) or other
        if before != after and not self.judge.is_ignored(at):
            self.judge.report(at, Grade.BREAKING, before, after, "another xsi:type")

    def _texts(self, place: str, old: etree._Element, new: etree._Element) -> None:
        """Between children that have the same names on both sides. White space alone says nothing, unless there is text
        beside it."""
        before, after = xmls.texts(old), xmls.texts(new)
        is_mixed = any(text.strip() for text in (*before, *after))
        if not is_mixed:
            return
        for number, (one, other) in enumerate(zip(before, after, strict=True), 1):
            if self.is_html:
                one, other = xmls.squeezed(one), xmls.squeezed(other)
            self.judge.value(f"{place}/text()[{number}]", one, other)

    def _joined(self, place: str, old: etree._Element, new: etree._Element) -> None:
        """Where the children differ, the text is compared as one."""
        one, other = ("".join(xmls.texts(element)) for element in (old, new))
        self.judge.value(f"{place}/text()[1]", xmls.squeezed(one), xmls.squeezed(other))

    def _children(self, place: str, mine: list[etree._Element], theirs: list[etree._Element]) -> None:
        rule = self.judge.rule(place)
        is_free = rule is not None and rule.judge == "order"
        key = rule.key if rule is not None else ""
        old_names, new_names = ([str(child.tag) for child in those] for those in (mine, theirs))
        moved = _moved(old_names, new_names) and not is_free
        for name in dict.fromkeys((*old_names, *new_names)):
            ones = [child for child in mine if child.tag == name] if mine else []
            others = [child for child in theirs if child.tag == name]
            if not ones or not others:
                continue
            if len(ones) == len(others) == 1:
                self.elements(f"{place}/{name}[1]", ones[0], others[0])
            else:
                self._alike(place, ones, others, is_free=is_free, key=key)
        self._lonely(place, mine, theirs, set(old_names), set(new_names))
        if moved:
            self.judge.report(place, Grade.SUSPICIOUS, _listed(old_names), _listed(new_names), REORDERED)
        elif is_free and old_names != new_names:
            self.judge.is_reordered = True

    def _lonely(
        self,
        place: str,
        mine: list[etree._Element],
        theirs: list[etree._Element],
        old_names: set[str],
        new_names: set[str],
    ) -> None:
        """Elements whose name the other side has not; one that has only another namespace is no other element."""
        added = [child for child in theirs if str(child.tag) not in old_names]
        counted: Counter[str] = Counter()
        for child in (child for child in mine if str(child.tag) not in new_names):
            name = str(child.tag)
            counted[name] += 1
            at = f"{place}/{name}[{counted[name]}]"
            if self.judge.is_ignored(at):
                continue
            same = next((one for one in added if xmls.local(str(one.tag)) == xmls.local(name)), None)
            if same is not None:
                added.remove(same)
                self.judge.report(at, Grade.BREAKING, name, str(same.tag), "another namespace")
            else:
                self.judge.report(at, Grade.BREAKING, xmls.shown(child), None, "missing element")
        counted.clear()
        for child in added:
            counted[str(child.tag)] += 1
            at = f"{place}/{child.tag}[{counted[str(child.tag)]}]"
            if not self.judge.is_ignored(at):
                self.judge.report(at, Grade.HARMLESS, None, xmls.shown(child), "added element")

    def _alike(
        self, parent: str, old: list[etree._Element], new: list[etree._Element], *, is_free: bool, key: str
    ) -> None:
        """Elements of one name: a list."""
        judge, place = self.judge, f"{parent}/{old[0].tag}"
        if is_free:
            alignment = as_sets(*self._keys(place, old, new, key))
            judge.is_reordered |= alignment.is_permuted
            self._paired(place, old, new, alignment)
            return
        if len(old) == len(new):
            mark = judge.mark()
            for number, (one, other) in enumerate(zip(old, new, strict=True), 1):
                self.elements(f"{place}[{number}]", one, other)
            if judge.mark() == mark:
                return
            alignment = aligned(*self._keys(place, old, new, ""))
            if not alignment.is_permuted and all(i == j for i, j in alignment.pairs):
                return
            judge.return_to(mark)
        else:
            alignment = aligned(*self._keys(place, old, new, ""))
        if alignment.is_permuted:
            before, after = ("".join(map(xmls.shown, those)) for those in (old, new))
            judge.report(parent, Grade.SUSPICIOUS, before, after, REORDERED)
        self._paired(place, old, new, alignment)

    def _paired(self, place: str, old: list[etree._Element], new: list[etree._Element], alignment: Alignment) -> None:
        for i, j in alignment.pairs:
            if i is not None and j is not None:
                self.elements(f"{place}[{i + 1}]", old[i], new[j])
            elif i is not None:
                if not self.judge.is_ignored(f"{place}[{i + 1}]"):
                    self._report(f"{place}[{i + 1}]", Grade.BREAKING, old[i], None, "missing item")
            elif j is not None and not self.judge.is_ignored(f"{place}[{j + 1}]"):
                self._report(f"{place}[{j + 1}]", Grade.SUSPICIOUS, None, new[j], "added item")

    def _report(
        self, place: str, grade: Grade, old: etree._Element | None, new: etree._Element | None, note: str
    ) -> None:
        before, after = (None if element is None else xmls.shown(element) for element in (old, new))
        self.judge.report(place, grade, before, after, note)

    def _keys(
        self, place: str, old: list[etree._Element], new: list[etree._Element], key: str
    ) -> tuple[list[Hashable], list[Hashable]]:
        sides: list[list[Hashable]] = []
        for those, is_new in ((old, False), (new, True)):
            sides.append(
                [
                    self._token(f"{place}[{number}]", found, is_new) if (found := _at(one, key)) is not None else None
                    for number, one in enumerate(those, 1)
                ]
            )
        return sides[0], sides[1]

    def _token(self, place: str, element: etree._Element, is_new: bool) -> Hashable:
        attributes = tuple(
            (name, self.judge.token(f"{place}/@{name}", str(element.attrib[name]), is_new=is_new))
            for name in sorted(map(str, element.attrib))
        )
        counted: Counter[str] = Counter()
        inner = []
        for child in xmls.children(element):
            counted[str(child.tag)] += 1
            inner.append(self._token(f"{place}/{child.tag}[{counted[str(child.tag)]}]", child, is_new))
        text = "".join(xmls.texts(element))
        told = self.judge.token(place, text, is_new=is_new) if text.strip() else ""
        return (str(element.tag), attributes, told, *inner)


def compare(judge: Judge, old: etree._Element, new: etree._Element, place: str = "", *, is_html: bool = False) -> None:
    """`place` is a path of expanded names with positions."""
    at = f"{place}/{old.tag}[1]"
    if old.tag != new.tag:
        is_space = xmls.local(str(old.tag)) == xmls.local(str(new.tag))
        note = "another namespace" if is_space else "another root"
        judge.report(at, Grade.BREAKING, str(old.tag), str(new.tag), note)
        return
    _Walk(judge, is_html).elements(at, old, new)


def _at(element: etree._Element, key: str) -> etree._Element | None:
    """The element of a path of local names, as in `/Task/Id`."""
    for name in key.split("/")[1:]:
        inner = next(
            (child for child in xmls.children(element) if name in (child.tag, xmls.local(str(child.tag)))), None
        )
        if inner is None:
            return None
        element = inner
    return element


def _moved(old: list[str], new: list[str]) -> bool:
    """Are names that both sides have in another order, however often each is there?"""
    if old == new:
        return False
    both = Counter(old) & Counter(new)
    return list(_first(old, both)) != list(_first(new, both))


def _first(names: list[str], counts: Counter[str]) -> Iterator[str]:
    left = counts.copy()
    for name in names:
        if left[name] > 0:
            left[name] -= 1
            yield name


def _listed(names: list[str]) -> str:
    return " ".join(map(xmls.local, names))


def _has_text(element: etree._Element) -> bool:
    return any(text.strip() for text in xmls.texts(element))


def _is_soap_code(element: etree._Element) -> bool:
    return element.tag == f"{xmls.SOAP_12}Value"
