"""Rasa's doors: its REST channel and its HTTP API, so that what talks to a Rasa bot talks to ours.

A conversation's id is the sender's name, as there. Everything goes through the chat service: it is
kept, shown at the desk, and silent while a human owns the conversation.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import PlainTextResponse, StreamingResponse

from app.channels.access import for_programs
from app.channels.rasa_shapes import (
    Acted,
    Collected,
    ExecuteRequest,
    MessageRequest,
    Shown,
    TriggerRequest,
    WebhookRequest,
    collected,
    events_of,
    scores_of,
    tracker_json,
    understanding_of,
    until,
)
from app.channels.service import Sender
from app.channels.shapes import SenderName
from app.chat.events import Message
from app.chat.messages import to_content
from app.chat.reader import Answer
from app.errors import LingxiError, NotFound
from app.services import ReaderLanguage, Services, UsedServices
from dialogue.project.story_writer import story_yaml
from dialogue.types import Act, StoredEvent, TurnResult
from nlu.types import Language

CHANNEL = "rest"
SPOKEN_VERSION = "3.6.21"
"""Whose API this is."""
LEAST_VERSION = "3.5.0"

channel = APIRouter(dependencies=[for_programs("chat")])
about = APIRouter(dependencies=[for_programs()])
dialogues = APIRouter(prefix="/conversations", dependencies=[for_programs("conversations")])

Conversation = Annotated[SenderName, Path(description="The sender's name.")]
IncludeEvents = Annotated[Shown, Query()]
Until = Annotated[float | None, Query(alias="until", description="Unix seconds.")]


# --- the REST channel -----------------------------------------------------------------------


@channel.get("/webhooks/rest/")
async def channel_health() -> dict[str, str]:
    return {"status": "ok"}


@channel.post("/webhooks/rest/webhook", response_model_exclude_none=True, response_model=None)
async def webhook(
    body: WebhookRequest, to: UsedServices, language: ReaderLanguage, stream: bool = False
) -> list[dict[str, Any]] | StreamingResponse:
    """Say something as a customer; what the bot answers, or nothing while a human owns the chat.

    With `stream`, a line of JSON for each message as the bot says it.
    """
    sender = await to.channels.enter(CHANNEL, body.sender)
    if stream:
        lines = _lines(to, sender, body.message, language)
        return StreamingResponse(lines, media_type="application/x-ndjson")
    messages = await to.channels.ask(sender, body.message)
    return [one.model_dump(exclude_none=True) for one in _collected(sender, messages)]


async def _lines(to: Services, sender: Sender, text: str, language: Language) -> AsyncIterator[str]:
    told = 0
    try:
        async for heard in to.channels.converse(sender, text):
            if isinstance(heard, Answer):
                for one in _collected(sender, heard.messages[told:]):
                    yield one.model_dump_json(exclude_none=True) + "\n"
                told = len(heard.messages)
    except LingxiError as error:  # the answer has begun: it can only be told in it
        words = to.words.error(error, language)
        failed = {"code": error.code, "message": words}
        yield orjson.dumps({"recipient_id": sender.name, "error": failed}).decode() + "\n"


def _collected(sender: Sender, messages: Sequence[Message]) -> list[Collected]:
    return collected(sender.name, [message.content for message in messages])


# --- the HTTP API ---------------------------------------------------------------------------


@about.get("/version")
async def version() -> dict[str, str]:
    return {"version": SPOKEN_VERSION, "minimum_compatible_version": LEAST_VERSION}


@about.get("/status")
async def status(to: UsedServices) -> dict[str, Any]:
    model = to.settings.nlu_model
    return {
        "model_file": str(model),
        "model_id": model.parent.name,
        "num_active_training_jobs": 0,
    }


@about.get("/domain", dependencies=[for_programs("nlu")])
async def domain(to: UsedServices) -> Mapping[str, Any]:
    """The bot's domain."""
    return to.assistant.project.domain.source


@dialogues.get("/{conversation_id}/tracker")
async def tracker(
    conversation_id: Conversation,
    to: UsedServices,
    include_events: IncludeEvents = "AFTER_RESTART",
    moment: Until = None,
) -> dict[str, Any]:
    history = await _history(to, conversation_id, moment)
    folded = to.assistant.tracker(history, conversation_id)
    return tracker_json(folded, include_events)


@dialogues.get("/{conversation_id}/story", response_class=PlainTextResponse)
async def story(
    conversation_id: Conversation,
    to: UsedServices,
    moment: Until = None,
) -> str:
    """The conversation as stories, to train and to test with."""
    history = await _history(to, conversation_id, moment)
    return story_yaml([(conversation_id, history)])


@dialogues.post("/{conversation_id}/predict")
async def predict(conversation_id: Conversation, to: UsedServices) -> dict[str, Any]:
    """What the bot would do next; nothing happens."""
    history = await _history(to, conversation_id)
    return _predicted(to, history, conversation_id, "AFTER_RESTART")


@about.post("/model/predict", dependencies=[for_programs("nlu")])
async def predict_after(
    body: Annotated[Any, Body()], to: UsedServices, include_events: IncludeEvents = "AFTER_RESTART"
) -> dict[str, Any]:
    """What the bot would do after these events of a conversation that it need not know."""
    return _predicted(to, events_of(body), "default", include_events)


@dialogues.put("/{conversation_id}/tracker/events")
async def replace_events(
    conversation_id: Conversation,
    body: Annotated[Any, Body()],
    to: UsedServices,
    include_events: IncludeEvents = "AFTER_RESTART",
) -> dict[str, Any]:
    """Begin anew with these events. What was before stays in the record, before a restart."""
    await _append(to, conversation_id, [{"event": "restart"}, *events_of(body)])
    return await tracker(conversation_id, to, include_events)


@dialogues.post("/{conversation_id}/tracker/events")
async def append_events(
    conversation_id: Conversation,
    body: Annotated[Any, Body()],
    to: UsedServices,
    include_events: IncludeEvents = "AFTER_RESTART",
) -> dict[str, Any]:
    """Append events as they are; nothing is said or decided."""
    await _append(to, conversation_id, events_of(body))
    return await tracker(conversation_id, to, include_events)


@dialogues.post("/{conversation_id}/messages")
async def add_message(
    conversation_id: Conversation,
    body: MessageRequest,
    to: UsedServices,
    reader: ReaderLanguage,
    include_events: IncludeEvents = "AFTER_RESTART",
) -> dict[str, Any]:
    """Log a customer's message and fill its slots; the bot decides nothing."""
    text = to.chat.hide(body.text, reader)
    understanding = await to.parser.parse(text)
    if body.parse_data is not None:
        understanding = understanding_of(text, body.parse_data, understanding.language)
    sender = await to.channels.enter(CHANNEL, conversation_id)
    await to.channels.tell(sender, text, answered=False)
    await to.runner.perform(
        sender.conversation_id,
        lambda request: to.assistant.hear(replace(request, understanding=understanding)),
    )
    return await tracker(conversation_id, to, include_events)


@dialogues.post("/{conversation_id}/execute", response_model_exclude_none=True)
async def execute(
    conversation_id: Conversation,
    body: ExecuteRequest,
    to: UsedServices,
    include_events: IncludeEvents = "AFTER_RESTART",
) -> Acted:
    """Run one action by its name."""
    if not to.assistant.knows_action(body.name):
        raise NotFound()
    result = await _perform(
        to,
        conversation_id,
        lambda request: to.assistant.execute(request, body.name, body.policy, body.confidence),
    )
    return await _acted(to, conversation_id, result, include_events)


@dialogues.post("/{conversation_id}/trigger_intent", response_model_exclude_none=True)
async def trigger_intent(
    conversation_id: Conversation,
    body: TriggerRequest,
    to: UsedServices,
    include_events: IncludeEvents = "AFTER_RESTART",
) -> Acted:
    """Act as if the customer had meant this intent."""
    if not to.assistant.knows_intent(body.name):
        raise NotFound()
    result = await _perform(
        to,
        conversation_id,
        lambda request: to.assistant.trigger(request, body.name, body.listed()),
    )
    return await _acted(to, conversation_id, result, include_events)


def _predicted(
    to: Services, history: Sequence[StoredEvent], name: str, include_events: Shown
) -> dict[str, Any]:
    verdict = to.assistant.predict(history, name)
    decision = verdict.decision
    return {
        "scores": scores_of(verdict, to.assistant.project.domain.action_names),
        "policy": decision.policy,
        "confidence": decision.confidence,
        "tracker": tracker_json(to.assistant.tracker(history, name), include_events),
    }


async def _history(
    to: Services, conversation_id: str, moment: float | None = None
) -> list[StoredEvent]:
    return until(await to.channels.history(CHANNEL, conversation_id), moment)


async def _append(to: Services, conversation_id: str, events: Sequence[StoredEvent]) -> None:
    await _perform(to, conversation_id, lambda request: to.assistant.append(request, events))


async def _perform(to: Services, conversation_id: str, act: Act) -> TurnResult:
    sender = await to.channels.enter(CHANNEL, conversation_id)
    return await to.runner.perform(sender.conversation_id, act)


async def _acted(
    to: Services, conversation_id: str, result: TurnResult, include_events: Shown
) -> Acted:
    contents = [to_content(reply) for reply in result.replies]
    return Acted(
        tracker=await tracker(conversation_id, to, include_events),
        messages=collected(conversation_id, contents),
    )


router = APIRouter(tags=["Rasa"])
for _part in (channel, about, dialogues):
    router.include_router(_part)
