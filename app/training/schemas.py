"""What the bot page's REST takes and gives, under ``/api/bot``.

GET    ""                  BotOut       what it understands, its models, and the run under way
POST   /run                RunOut       TrainRequest; 503 while another runs
DELETE /run                204          stop it
POST   /models/{id}/judge  RunOut       on the held-out examples
POST   /models/{id}/live   BotOut       it serves from now on; an older one is the way back
GET    /compare            CompareOut   ?left=&right=
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Profile = Literal["fast", "best"]


class TrainRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    profile: Profile
    corrections: bool = True
    """Also with what agents corrected at the desk."""


class LabelOut(BaseModel):
    name: str
    examples: int


class About(BaseModel):
    """How a model came to be; kept beside it."""

    made_by: str
    made_at: datetime
    profile: Profile
    corrections: bool


class ModelOut(BaseModel):
    id: str
    """Its folder's name."""
    model_id: str
    about: About
    intents: int
    entities: int
    live: bool
    figures: Mapping[str, float | int | None] | None
    """On the held-out examples; null until it is judged."""


class RunOut(BaseModel):
    """A training or a judgement; ask again while `state` is `running`."""

    kind: Literal["train", "judge"]
    model: str
    by: str
    began_at: datetime
    state: Literal["running", "done", "failed", "stopped"]
    stage: str
    """starting, encode, tune, intents, entities, sentiment, judge."""
    done: int
    total: int
    figures: Mapping[str, float]
    words: str
    """What the trainer said when it failed."""


class BotOut(BaseModel):
    name: str
    intents: list[LabelOut]
    """Most examples first."""
    entities: list[LabelOut]
    examples: int
    models: list[ModelOut]
    """Newest first."""
    run: RunOut | None


class AnswerOut(BaseModel):
    """A held-out example that the two models answer differently."""

    text: str
    expected: str | None
    left: str
    right: str
    left_confidence: float
    right_confidence: float


class CompareOut(BaseModel):
    left: Mapping[str, float | int | None]
    right: Mapping[str, float | int | None]
    better: list[AnswerOut]
    """Right alone is right."""
    worse: list[AnswerOut]
    """Left alone is right."""
    changed: list[AnswerOut]
    """Both are wrong, otherwise."""
