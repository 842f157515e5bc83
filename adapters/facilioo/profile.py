"""Generations of the facilioo API: there is one on this host; versions 1 and 2 of it are the same (dossier 1.4)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    versions: frozenset[str]


PROFILES = {"2": Profile("2", frozenset({"1", "1.0", "2", "2.0"}))}
