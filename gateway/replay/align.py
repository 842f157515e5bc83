"""Two answers to one request, value by value: which one of the new answer stands where one of the old stood."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from gateway.replay.keys import is_address
from gateway.replay.messages import leaves_of
from gateway.replay.places import Place
from gateway.replay.values import TOKEN, is_small_number, is_time, shape
from gateway.traffic.exchange import Response


class Pair(NamedTuple):
    place: Place
    old: str
    new: str


@dataclass(slots=True)
class _Node:
    """A value, or what has values in it: by name, or in a list."""

    place: Place
    text: str | None = None
    members: dict[str, "_Node"] = field(default_factory=dict)
    items: list["_Node"] = field(default_factory=list)

    def leaves(self, prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], "_Node"]]:
        """Each with the way to it from here."""
        if self.text is not None:
            yield prefix, self
        for name, node in self.members.items():
            yield from node.leaves((*prefix, name))
        for node in self.items:
            yield from node.leaves((*prefix, "[]"))


Leaves = list[tuple[Place, str]]
#: what the new server says for a value of the old one, None if nobody knows yet
Known = Callable[[Place, str], str | None]


def pairs(old: Response, new: Response, known: Known) -> Iterator[Pair]:
    """Lists are matched by what is known of their items, then by what is the same in them, then by order."""
    leaves, others_leaves = leaves_of(old), leaves_of(new)
    if not (_has_lists(leaves) or _has_lists(others_leaves)):
        there = dict(others_leaves)
        for place, text in dict(leaves).items():
            if place in there:
                yield from _texts(place, text, there[place])
        return
    trees, others = _trees(leaves), _trees(others_leaves)
    for part, tree in trees.items():
        if part in others:
            yield from _aligned(tree, others[part], known)


def _has_lists(leaves: Leaves) -> bool:
    """Is there anything of which it has to be found out what belongs to what?"""
    return any("[1]" in place.steps for place, _ in leaves)


def _trees(leaves: Leaves) -> dict[str, _Node]:
    """One for each part of the message."""
    trees: dict[str, _Node] = {}
    for place, text in leaves:
        node = trees.setdefault(place.part, _Node(Place(place.part)))
        steps = place.steps
        for index, step in enumerate(steps):
            below = place if index == len(steps) - 1 else Place(place.part, steps[: index + 1])
            if step.startswith("["):
                node = _item(node, int(step[1:-1]), below)
                continue
            node = node.members.setdefault(step, _Node(below))
            is_repeated = index + 1 < len(steps) and steps[index + 1].startswith("[")
            if place.part == "xml" and not step.startswith("@") and not is_repeated:
                node = _item(node, 0, below)
        node.text = text
    return trees


def _item(node: _Node, index: int, place: Place) -> _Node:
    while len(node.items) <= index:  # elements without any value have no leaf, and still count
        node.items.append(_Node(place))
    return node.items[index]


def _aligned(old: _Node, new: _Node, known: Known) -> Iterator[Pair]:
    if old.text is not None and new.text is not None:
        yield from _texts(old.place, old.text, new.text)
    for name, node in old.members.items():
        if name in new.members:
            yield from _aligned(node, new.members[name], known)
    if old.items and new.items:
        for one, other in _matched(old.items, new.items, known):
            yield from _aligned(one, other, known)


def _texts(place: Place, old: str, new: str) -> Iterator[Pair]:
    """The two values, and what stands at the same places within them."""
    yield Pair(place, old, new)
    if shape(old) or is_time(old) or is_small_number(old):
        return
    if is_address(old) and is_address(new):
        yield from _addresses(old, new)
    elif old != new and TOKEN.sub("", old) == TOKEN.sub("", new):
        within = zip(TOKEN.findall(old), TOKEN.findall(new), strict=False)
        yield from (Pair(Place("within", place.steps), one, other) for one, other in within if shape(one))


def _addresses(old: str, new: str) -> Iterator[Pair]:
    try:
        one, other = urlsplit(old), urlsplit(new)
    except ValueError:
        return
    segments, others = one.path.split("/"), other.path.split("/")
    if len(segments) == len(others):
        for index, (segment, there) in enumerate(zip(segments, others, strict=True)):
            yield Pair(Place("path", tuple(segments[:index])), segment, there)
    # also what only the browser is told
    for said, heard in ((one.query, other.query), (one.fragment, other.fragment)):
        for pair, there in zip(said.split("&"), heard.split("&"), strict=False):
            name, sign, value = pair.partition("=")
            if sign:
                yield Pair(Place("query", (name,)), value, there.partition("=")[2])


def _matched(old: list[_Node], new: list[_Node], known: Known) -> Iterator[tuple[_Node, _Node]]:
    if len(old) == len(new) == 1:
        yield old[0], new[0]
        return
    partners: dict[int, int] = {}
    taken: set[int] = set()

    def match(one: int, other: int) -> None:
        partners[one] = other
        taken.add(other)

    for one, other in _by_identity(old, new, known):
        if one not in partners and other not in taken:
            match(one, other)
    by_content: dict[object, list[int]] = defaultdict(list)
    for index, node in enumerate(new):
        if index not in taken:
            by_content[_content(node)].append(index)
    for index, node in enumerate(old):
        if index not in partners and (alike := by_content.get(_content(node))):
            match(index, alike.pop(0))
    left = [index for index in range(len(old)) if index not in partners]
    free = [index for index in range(len(new)) if index not in taken]
    if len(left) == len(free):
        for one, other in zip(left, free, strict=True):
            match(one, other)
    for one, other in sorted(partners.items()):
        yield old[one], new[other]


def _by_identity(old: list[_Node], new: list[_Node], known: Known) -> Iterator[tuple[int, int]]:
    """By values that only one item has, and of which it is known what they are now."""
    wanted: dict[tuple[tuple[str, ...], str], list[int]] = defaultdict(list)
    for index, node in enumerate(old):
        for way, leaf in node.leaves():
            if leaf.text is not None and (said := known(leaf.place, leaf.text)) is not None:
                wanted[way, said].append(index)
    there: dict[tuple[tuple[str, ...], str], list[int]] = defaultdict(list)
    for index, node in enumerate(new):
        for way, leaf in node.leaves():
            if leaf.text is not None and (way, leaf.text) in wanted:
                there[way, leaf.text].append(index)
    for value, indices in wanted.items():
        if len(indices) == 1 and len(there[value]) == 1:
            yield indices[0], there[value][0]


def _content(node: _Node) -> object:
    """What is in an item besides what a server makes."""
    return tuple(
        (way, leaf.text)
        for way, leaf in sorted(node.leaves(), key=lambda one: one[0])
        if leaf.text is not None and not shape(leaf.text) and not is_time(leaf.text) and not is_small_number(leaf.text)
    )
