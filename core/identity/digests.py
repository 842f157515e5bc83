"""Tickets and tokens are random, so a plain digest of them is safe to store."""

import hashlib
import hmac
import secrets
from uuid import UUID

from core.types import CredentialKind


def new_text(kind: CredentialKind) -> str:
    """128 random bits as a GUID for tickets and resets, 160 as hex for tokens: what the clients of each expect."""
    guid = kind in (CredentialKind.TICKET, CredentialKind.RESET)
    return str(UUID(bytes=secrets.token_bytes(16))) if guid else secrets.token_hex(20)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def matches(text: str, known_digest: str) -> bool:
    return hmac.compare_digest(digest(text), known_digest)
