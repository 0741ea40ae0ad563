"""Customers whom the host site vouches for: by a signed token, or by a hash over their id.

The secret (`LINGXI_IDENTITY_SECRET`) is shared by the host site's server and this one, and never
reaches a browser. Forms: RFC 7519 (HS256, with `sub` and `exp`), or the hexadecimal
HMAC-SHA256 of the id.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

import jwt

from app.auth.types import IdentityProof
from app.errors import Refused

LEEWAY_S = 30
"""Clocks differ."""
MAX_ID_CHARS = 200


class BadIdentity(Refused):
    """What was shown proves nothing: ``identity_invalid``, ``identity_expired``, ``identity_off``."""

    status = 401


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody the host site knows."""

    id: str
    name: str
    email: str | None


def person_of(proof: IdentityProof, secret: str | None) -> Person:
    """Raises `BadIdentity`."""
    if secret is None:
        raise BadIdentity("identity_off")
    return _by_token(proof.jwt, secret) if proof.jwt else _by_hash(proof, secret)


def _by_token(token: str, secret: str) -> Person:
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            leeway=LEEWAY_S,
            options={"require": ["exp", "sub"], "verify_aud": False},
        )
    except jwt.ExpiredSignatureError:
        raise BadIdentity("identity_expired") from None
    except jwt.PyJWTError:
        raise BadIdentity("identity_invalid") from None
    return _person(claims["sub"], claims.get("name"), claims.get("email"))


def _by_hash(proof: IdentityProof, secret: str) -> Person:
    right = hmac.new(secret.encode(), proof.user_id.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right.encode(), proof.user_hash.lower().encode()):
        raise BadIdentity("identity_invalid")
    return _person(proof.user_id, proof.name, proof.email)


def _person(id_: object, name: object, email: object) -> Person:
    usable = isinstance(id_, str) and 0 < len(id_) <= MAX_ID_CHARS and "\0" not in id_
    if not isinstance(id_, str) or not usable:
        raise BadIdentity("identity_invalid")
    shown = name.replace("\0", "")[:200] if isinstance(name, str) else ""
    address = email.replace("\0", "")[:320] if isinstance(email, str) else None
    return Person(id_, shown, address or None)
