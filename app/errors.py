"""Everything that may go wrong in the host, as one tree.

    LingxiError                 has a code, an HTTP status, fields, and words in `app/words`
    ├── Unauthenticated         no or unknown token, cookie, password     401, close 4401
    ├── Forbidden               known, but not allowed                    403, close 4403
    ├── NotFound                no such thing, or none of yours           404
    ├── Refused                 what was sent cannot be taken             422, close 1008
    │   └── Conflict            it contradicts what is stored             409
    │       └── CheckFailed     the knowledge would answer worse          409
    ├── RateLimited             too much in too short a time              429, close 4429
    └── Unavailable             not now; the fault is ours                503
        ├── DatabaseUnavailable locked, full or away
        └── Busy                a bounded queue is full

An error is told to people only through its code: `app.words` holds the sentences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

Field = str | int | float | bool | None | Mapping[str, object] | Sequence[Mapping[str, object]]


class LingxiError(Exception):
    """Base of all; `code` names the words, `fields` fill them."""

    status: ClassVar[int] = 500
    close_code: ClassVar[int] = 1011
    default_code: ClassVar[str] = "failed"

    def __init__(
        self, code: str | None = None, *, retry_after_s: float | None = None, **fields: Field
    ) -> None:
        code = code or self.default_code
        super().__init__(code + "".join(f" {name}={value!r}" for name, value in fields.items()))
        self.code = code
        self.retry_after_s = retry_after_s
        self.fields = fields


class Unauthenticated(LingxiError):
    status = 401
    close_code = 4401
    default_code = "unauthenticated"


class Forbidden(LingxiError):
    status = 403
    close_code = 4403
    default_code = "forbidden"


class NotFound(LingxiError):
    status = 404
    default_code = "not_found"


class Refused(LingxiError):
    status = 422
    close_code = 1008


class Conflict(Refused):
    status = 409


class CheckFailed(Conflict):
    """Questions of the regression set would not be answered right any more; `check` says which."""

    default_code = "check_failed"

    def __init__(self, worse: int, check: Mapping[str, object]) -> None:
        super().__init__(worse=worse, check=check)


class RateLimited(LingxiError):
    status = 429
    close_code = 4429
    default_code = "rate_limited"


class Unavailable(LingxiError):
    status = 503
    close_code = 1013


class DatabaseUnavailable(Unavailable):
    pass


class Busy(Unavailable):
    pass
