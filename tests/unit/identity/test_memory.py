"""What is remembered of credentials."""

from core.identity.memory import LIFETIME, CredentialMemory
from core.principal import Principal


def test_remembered_credentials_end_and_are_forgotten() -> None:
    now = 0
    memory = CredentialMemory(lambda: now, lambda: now)
    ann = Principal(1, 7, "ann", "test")
    memory.put("basic", "secret", ann)
    assert memory.get("basic", "secret") is not None
    assert memory.get("ticket", "secret") is None
    assert "secret" not in repr(vars(memory))
    now = LIFETIME
    assert memory.get("basic", "secret") is None
    memory.put("ticket", "t", ann, expires_at=now + 5)
    now += 5
    assert memory.get("ticket", "t") is None
    memory.put("basic", "secret", ann)
    memory.forget(7)
    assert memory.get("basic", "secret") is None


def test_credentials_that_nobody_comes_back_with_are_not_held() -> None:
    now = 0
    memory = CredentialMemory(lambda: now, lambda: now)
    for number in range(1000):
        memory.put("ticket", f"t{number}", Principal(1, number % 10, "ann", "test"))
        now += LIFETIME // 100
        assert len(memory) <= 100
    memory.put("ticket", "t950", Principal(1, 0, "ann", "test"))
    now += LIFETIME // 2
    memory.put("ticket", "last", Principal(1, 1, "ann", "test"))
    assert memory.get("ticket", "t950") is not None  # who comes back stays
