"""Secrets that people hold: 256 random bits, kept here only as a hash."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> str:
    """SHA-256 is enough: the token itself has more entropy than could be searched."""
    return hashlib.sha256(token.encode()).hexdigest()
