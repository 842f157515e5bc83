"""What entities offer they can do: what is made, changed and removed is their own work."""

from importlib import import_module
from pkgutil import iter_modules

import pytest

import adapters.facilioo
from adapters.facilioo.entity import Entity

WORK = {"create": "create", "update": "change", "batch": "change", "delete": "remove"}

for module in iter_modules(adapters.facilioo.__path__, "adapters.facilioo."):
    import_module(module.name)


def entities(cls: type[Entity] = Entity) -> list[type[Entity]]:  # type: ignore[type-arg]
    below = [each for derived in cls.__subclasses__() for each in (derived, *entities(derived))]
    return sorted((each for each in below if not each.__abstractmethods__), key=lambda each: each.__name__)


@pytest.mark.parametrize("entity", entities(), ids=lambda entity: entity.__name__)
def test_whatever_is_offered_is_done(entity: type[Entity]) -> None:  # type: ignore[type-arg]
    work = {WORK[offer] for offer in entity.offers if offer in WORK}
    inherited = {name for name in work if getattr(entity, name) is getattr(Entity, name)}
    assert inherited == set()


def test_there_are_some() -> None:
    assert len(entities()) >= 8
