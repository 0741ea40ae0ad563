"""The texts and ids that requests are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("expected text without NUL characters")
    text.encode()  # a lone surrogate raises here: no database takes it
    return text


def _one_line(text: str) -> str:
    return " ".join(text.split())


Text = Annotated[str, AfterValidator(_storable)]
Phrasing = Annotated[
    Text,
    AfterValidator(_one_line),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
]
EntryId = Annotated[str, StringConstraints(pattern=r"^[^\s/\\?#\x00-\x1f]{1,100}$")]


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid")
