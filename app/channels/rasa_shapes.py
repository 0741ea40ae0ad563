"""Rasa's JSON: what its tools send and expect to get. Its dicts become our types only here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from app.channels.shapes import Lenient, SenderName
from app.chat.events import Content, WireButton, WireCard
from app.errors import Refused
from dialogue.events import OtherEvent, event_from_json, event_to_json
from dialogue.policy.ensemble import Verdict
from dialogue.tracker import Tracker
from dialogue.types import StoredEvent
from nlu.types import Entity, IntentScore, Language, Understanding

MAX_EVENTS_AT_ONCE = 1_000
_WITHOUT_EFFECT = frozenset(
    {"user_featurization", "entities", "agent", "export", "session_ended", "form_validation"}
)
"""Events of Rasa's that are kept as they are."""
Shown = Literal["NONE", "APPLIED", "AFTER_RESTART", "ALL"]


class WebhookRequest(Lenient):
    sender: SenderName = "default"
    message: str


class ParseRequest(Lenient):
    text: str
    message_id: str | None = None


class ModelRequest(Lenient):
    model_file: str | None = Field(None, max_length=500)
    """Below the folder of models; Rasa's other sources (a server, a cloud) are not ours."""


class MessageRequest(Lenient):
    text: str
    sender: Literal["user"]
    parse_data: dict[str, Any] | None = None


class ExecuteRequest(Lenient):
    name: str = Field(min_length=1, max_length=200)
    policy: str | None = None
    confidence: float | None = Field(None, ge=0, le=1)


class TriggerRequest(Lenient):
    name: str = Field(min_length=1, max_length=200)
    entities: list[dict[str, Any]] | dict[str, Any] = Field(default_factory=list)

    def listed(self) -> list[dict[str, Any]]:
        if isinstance(self.entities, list):
            return self.entities
        return [{"entity": name, "value": value} for name, value in self.entities.items()]


class CollectedButton(BaseModel):
    title: str
    payload: str


class Collected(BaseModel):
    """One message of the bot, as the REST channel hands it over."""

    recipient_id: str
    text: str | None = None
    buttons: list[CollectedButton] | None = None
    image: str | None = None
    attachment: str | None = None
    custom: dict[str, Any] | None = None


class Acted(BaseModel):
    tracker: dict[str, Any]
    messages: list[Collected]


def collected(recipient: str, contents: Sequence[Content]) -> list[Collected]:
    """Text without buttons is parted at blank lines, pictures and the rest are messages of their own."""
    return [one for content in contents for one in _parts(recipient, content)]


def _parts(recipient: str, content: Content) -> Iterator[Collected]:
    if content.buttons:
        yield Collected(
            recipient_id=recipient, text=content.text, buttons=_buttons(content.buttons)
        )
    elif content.text:
        for part in content.text.strip().split("\n\n"):
            yield Collected(recipient_id=recipient, text=part)
    if content.custom is not None:
        yield Collected(recipient_id=recipient, custom=content.custom)
    if content.image_url:
        yield Collected(recipient_id=recipient, image=content.image_url)
    if content.attachment_url:
        yield Collected(recipient_id=recipient, attachment=content.attachment_url)
    for card in content.cards:
        yield _card(recipient, card)


def _card(recipient: str, card: WireCard) -> Collected:
    text = f"{card.title} : {card.subtitle}"
    return Collected(recipient_id=recipient, text=text, buttons=_buttons(card.buttons))


def _buttons(buttons: Sequence[WireButton]) -> list[CollectedButton]:
    return [CollectedButton(title=one.title, payload=one.payload) for one in buttons]


def tracker_json(tracker: Tracker, shown: Shown) -> dict[str, Any]:
    match shown:
        case "NONE":
            return {**tracker.as_json([]), "events": None}
        case "APPLIED":
            return tracker.as_json(tracker.applied)
        case "AFTER_RESTART":
            return tracker.as_json(tracker.events_after_restart())
        case "ALL":
            return tracker.as_json()


def scores_of(verdict: Verdict, actions: Sequence[str]) -> list[dict[str, Any]]:
    """Every action with its score, as the policy that decided sees it."""
    decision = verdict.decision
    scores = dict.fromkeys(actions, 0.0) | dict(decision.ranking)
    scores[decision.action] = decision.confidence
    return [{"action": name, "score": round(score, 6)} for name, score in scores.items()]


def events_of(body: object) -> list[StoredEvent]:
    """One event or a list of them. Raises `Refused` naming the first that is none."""
    items = body if isinstance(body, list) else [body]
    if not items or len(items) > MAX_EVENTS_AT_ONCE:
        raise Refused("bad_request", expected=f"1 to {MAX_EVENTS_AT_ONCE} events", got=len(items))
    return [_event(place, item) for place, item in enumerate(items)]


def _event(place: int, item: object) -> StoredEvent:
    if not isinstance(item, Mapping) or not isinstance(item.get("event"), str):
        raise Refused("bad_request", expected=f"at {place} an object with the name of an `event`")
    try:
        event = event_from_json(item)
        if isinstance(event, OtherEvent) and item["event"] not in _WITHOUT_EFFECT:
            raise ValueError(item["event"])
        return event_to_json(event)
    except (KeyError, TypeError, ValueError) as wrong:
        raise Refused("bad_request", expected=f"at {place} an event that Rasa knows") from wrong


def until(history: Sequence[StoredEvent], moment: float | None) -> list[StoredEvent]:
    """The events up to `moment`, Unix seconds."""
    if moment is None:
        return list(history)
    return [event for event in history if (event.get("timestamp") or 0) <= moment]


def understanding_of(text: str, data: Mapping[str, Any], language: Language) -> Understanding:
    """What a caller understood itself. Raises `Refused`."""
    try:
        intent = data["intent"]
        return Understanding(
            text=text,
            language=language,
            intent=IntentScore(str(intent["name"]), float(intent.get("confidence", 1.0))),
            entities=tuple(_entity(text, raw) for raw in data.get("entities", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise Refused("bad_request", expected="parse_data with intent.name and entities") from wrong


def _entity(text: str, raw: Mapping[str, Any]) -> Entity:
    start, end = int(raw.get("start") or 0), int(raw.get("end") or 0)
    return Entity(
        entity=str(raw["entity"]),
        start=start,
        end=end,
        text=text[start:end],
        value=raw["value"],
        confidence=float(raw.get("confidence_entity") or 1.0),
        extractor=str(raw.get("extractor") or "caller"),
        role=raw.get("role"),
        group=raw.get("group"),
    )
