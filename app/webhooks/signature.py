"""Signatures as the Standard Webhooks specification has them (standardwebhooks.com): HMAC-SHA256
over id, time and body, so that nobody can make one up, change it, or send it again later."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed(secret: str, id_: str, at: int, body: bytes) -> dict[str, str]:
    """Headers that prove who sends `body`; `at` is seconds since 1970."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    mac = hmac.new(key, f"{id_}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }
