"""Secrets that must be read again: encrypted in the database, under the server's own secret."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken


class Unreadable(Exception):  # noqa: N818  a state of what is stored
    """It was sealed under another `LINGXI_SECRET`."""


class Vault:
    """Seals and opens; what one purpose sealed, another cannot open."""

    def __init__(self, secret: str, purpose: str) -> None:
        key = hashlib.sha256(purpose.encode() + b"\0" + secret.encode()).digest()
        self._cipher = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, text: str) -> str:
        return self._cipher.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises `Unreadable`."""
        try:
            return self._cipher.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Unreadable from None
