"""Tickets and tokens are random, so a plain digest of them is safe to store."""

import hashlib
import hmac


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def matches(text: str, known_digest: str) -> bool:
    return hmac.compare_digest(digest(text), known_digest)
