"""Signatures as the Standard Webhooks specification has them (standardwebhooks.com): HMAC-SHA256
over id, time and body, so that nobody can make one up, change it, or send it again later."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed(secrets_: Sequence[str], id_: str, at: int, body: bytes) -> dict[str, str]:
    """Headers that prove who sends `body` to whoever knows one secret; `at` is seconds since 1970."""
    content = f"{id_}.{at}.".encode() + body
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(_signature(secret, content) for secret in secrets_),
    }


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    mac = hmac.new(key, content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(mac).decode()}"
