"""Differences between two JSON documents."""

import re
from collections.abc import Hashable, Sequence

from gateway.compare.grades import Grade
from gateway.compare.jsons import Json, Members, escape, kind, number, shown
from gateway.compare.judge import CODES, Judge
from gateway.compare.lists import REORDERED, Alignment, aligned, as_sets

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,9})?")


def compare(judge: Judge, old: Json, new: Json, place: str = "") -> None:
    """`place` is a JSON pointer; empty is the whole document."""
    _values(judge, place, old, new, "")


def _values(judge: Judge, place: str, old: Json, new: Json, name: str) -> None:
    if old.__class__ is str and new.__class__ is str:
        judge.value(place, old, new, is_code=judge.is_error and name in CODES)
        return
    old_kind = kind(old)
    if old_kind != kind(new):
        _other_kind(judge, place, old, new)
    elif old_kind == "object":
        _objects(judge, place, old, new)
    elif old_kind == "array":
        _lists(judge, place, old, new)
    elif old_kind == "number":
        if old != new or (len(str(old)) >= judge.shortest and not judge.is_same(place, str(old), str(old))):
            judge.value(place, str(old), str(new), is_code=judge.is_error and name in CODES)
    elif old_kind == "boolean" and old != new:
        judge.value(place, shown(old), shown(new))


def _other_kind(judge: Judge, place: str, old: Json, new: Json) -> None:
    rule = judge.rule(place)
    if rule is not None and (rule.judge == "ignore" or (rule.judge == "present" and new is not None)):
        judge.rules.used[rule] += 1
        judge.accepted.add((shown(old), shown(new)))
    else:
        note = f"{kind(new)} where {kind(old)} was"
        judge.report(place, Grade.BREAKING, shown(old), shown(new), note)


def _objects(judge: Judge, place: str, old: dict[str, Json], new: dict[str, Json]) -> None:
    if (old.keys() != new.keys() or isinstance(old, Members) or isinstance(new, Members)) and judge.is_ignored(place):
        return
    renamed = _renamed(judge, place, old, new) if old.keys() != new.keys() else {}
    for name, value in old.items():
        at = f"{place}/{escape(name)}"
        there = renamed.get(name, name)
        if there in new:
            other = new[there]
            if value.__class__ is str and value == other and len(value) < judge.shortest:
                continue
            if value is not other or judge.shortest == 0:
                rule = judge.rule(at) if isinstance(value, dict | list) else None
                if rule is None or not judge.is_ignored(at):
                    _values(judge, at, value, other, name)
        elif not judge.is_ignored(at):
            judge.report(at, Grade.BREAKING, shown(value), None, "missing member")
    taken = set(renamed.values())
    for name, value in new.items():
        if name not in old and name not in taken:
            at = f"{place}/{escape(name)}"
            if not judge.is_ignored(at):
                judge.report(at, Grade.HARMLESS, None, shown(value), "added member")
    if isinstance(old, Members) or isinstance(new, Members):
        _twice(judge, place, old, new)


def _renamed(judge: Judge, place: str, old: dict[str, Json], new: dict[str, Json]) -> dict[str, str]:
    """Members whose names are identities: what the old server calls them -> what the new one does."""
    found = {}
    for name in new.keys() - old.keys():
        before = judge.back(f"{place}/{escape(name)}", name)
        if before != name and before in old and before not in new:
            found[before] = name
            judge.accepted.add((before, name))
    return found


def _twice(judge: Judge, place: str, old: dict[str, Json], new: dict[str, Json]) -> None:
    before, after = (value.names if isinstance(value, Members) else sorted(value) for value in (old, new))
    if [name for name in before if name in new] != [name for name in after if name in old]:
        judge.report(place, Grade.SUSPICIOUS, ", ".join(before), ", ".join(after), "a member that is there twice")


def _lists(judge: Judge, place: str, old: list[Json], new: list[Json]) -> None:
    rule = judge.rule(place)
    if rule is not None and judge.is_ignored(place):
        return
    if rule is not None and rule.judge == "order":
        alignment = as_sets(*_keys(judge, place, old, new, rule.key))
        if alignment.is_permuted:
            judge.rules.used[rule] += 1
            judge.is_reordered = True
        _paired(judge, place, old, new, alignment)
        return
    if len(old) == len(new):
        mark = judge.mark()
        for at, (one, other) in enumerate(zip(old, new, strict=True)):
            _values(judge, f"{place}/{at}", one, other, "")
        if judge.mark() == mark or len(old) == 1:
            return
        alignment = aligned(*_keys(judge, place, old, new, ""))
        if not alignment.is_permuted and all(i == j for i, j in alignment.pairs):
            return
        judge.return_to(mark)
    else:
        alignment = aligned(*_keys(judge, place, old, new, ""))
    if alignment.is_permuted:
        judge.report(place, Grade.SUSPICIOUS, shown(old), shown(new), REORDERED)
    _paired(judge, place, old, new, alignment)


def _paired(judge: Judge, place: str, old: list[Json], new: list[Json], alignment: Alignment) -> None:
    for i, j in alignment.pairs:
        if i is not None and j is not None:
            _values(judge, f"{place}/{i}", old[i], new[j], "")
        elif i is not None:
            if not judge.is_ignored(f"{place}/{i}"):
                judge.report(f"{place}/{i}", Grade.BREAKING, shown(old[i]), None, "missing item")
        elif j is not None and not judge.is_ignored(f"{place}/{j}"):
            judge.report(f"{place}/{j}", Grade.SUSPICIOUS, None, shown(new[j]), "added item")


def _keys(
    judge: Judge, place: str, old: list[Json], new: list[Json], key: str
) -> tuple[Sequence[Hashable], Sequence[Hashable]]:
    """What tells items from each other."""
    sides = []
    for items, is_new in ((old, False), (new, True)):
        sides.append([_key(judge, f"{place}/{at}", item, key, is_new=is_new) for at, item in enumerate(items)])
    return sides[0], sides[1]


def _key(judge: Judge, place: str, item: Json, key: str, *, is_new: bool) -> Hashable:
    for part in key.split("/")[1:]:
        place = f"{place}/{part}"
        name = part.replace("~1", "/").replace("~0", "~")
        item = item.get(name) if isinstance(item, dict) else None
    return _token(judge, place, item, is_new=is_new)


def _token(judge: Judge, place: str, value: Json, *, is_new: bool) -> Hashable:
    if isinstance(value, dict):
        members = [
            (name, _token(judge, f"{place}/{escape(name)}", member, is_new=is_new)) for name, member in value.items()
        ]
        return ("object", *sorted(members, key=lambda member: member[0]))
    if isinstance(value, list):
        return ("array", *(_token(judge, f"{place}/{at}", item, is_new=is_new) for at, item in enumerate(value)))
    if isinstance(value, str):
        return judge.token(place, value, is_new=is_new)
    if value is None or isinstance(value, bool):
        return (kind(value), value)
    told = judge.token(place, str(value), is_new=is_new)
    # by value: what a number stands for is a number again
    return ("number", number(told) if isinstance(told, str) and _NUMBER.fullmatch(told) else told)
