"""An agent's tools over REST: notes, search, saved views, the customer's past, suggestions,
corrections."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import PlainTextResponse

from app.auth.dependencies import SignedInAgent, SignedInSupervisor
from app.chat.agent_events import WireNote
from app.chat.messages import without_client_id
from app.desk import schemas as shapes
from app.errors import Refused
from app.handoff.views import Filters
from app.services import UsedServices
from dialogue.knowledge.text import has_han
from nlu.types import Language

router = APIRouter(prefix="/api", tags=["desk"])
SEARCH_PAGE = 30


# --- notes and mentions ---------------------------------------------------------------------


@router.get("/conversations/{conversation_id}/notes")
async def notes(
    conversation_id: str, _agent: SignedInAgent, to: UsedServices
) -> shapes.NotesAnswer:
    """What agents wrote to each other here, oldest first. Customers never see it."""
    found = await to.database.read(lambda s: to.desk.notes.all(s, conversation_id))
    return shapes.NotesAnswer(items=found)


@router.post("/conversations/{conversation_id}/notes", status_code=201)
async def write_note(
    conversation_id: str, body: shapes.NoteIn, agent: SignedInAgent, to: UsedServices
) -> WireNote:
    await to.limits.check("send", agent.id)

    def work(session: Session) -> WireNote:
        if body.whisper:
            return to.desk.notes.whisper(session, agent, conversation_id, body.text)
        return to.desk.notes.write(session, agent, conversation_id, body.text, body.mentions)

    return await to.database.write(work)


@router.put("/notes/{note_id}")
async def change_note(
    note_id: str, body: shapes.NoteChange, agent: SignedInAgent, to: UsedServices
) -> WireNote:
    return await to.database.write(lambda s: to.desk.notes.change(s, agent, note_id, body.text))


@router.delete("/notes/{note_id}", status_code=204)
async def delete_note(note_id: str, agent: SignedInAgent, to: UsedServices) -> None:
    await to.database.write(lambda s: to.desk.notes.delete(s, agent, note_id))


@router.get("/mentions")
async def mentions(agent: SignedInAgent, to: UsedServices) -> shapes.CallsAnswer:
    """Unread notes that call you, latest first."""
    calls = await to.database.read(lambda s: to.desk.notes.calls(s, agent.id))
    return shapes.CallsAnswer(
        items=[shapes.CallOut(note=call.note, visitor_name=call.visitor_name) for call in calls]
    )


@router.post("/conversations/{conversation_id}/mentions/read", status_code=204)
async def read_mentions(conversation_id: str, agent: SignedInAgent, to: UsedServices) -> None:
    await to.database.write(lambda s: to.desk.notes.heard(s, agent.id, conversation_id))


# --- finding --------------------------------------------------------------------------------


@router.get("/search")
async def search(
    _agent: SignedInAgent,
    to: UsedServices,
    q: Annotated[str, Query(min_length=1, max_length=100)],
    before: Annotated[str | None, Query(max_length=32)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = SEARCH_PAGE,
) -> shapes.FoundAnswer:
    """Messages of all conversations that hold every part of `q`, latest first."""
    if "\0" in q:
        raise Refused("bad_text")
    found = await to.database.read(lambda s: to.chat.search(s, q, before, limit))
    return shapes.FoundAnswer(
        items=[
            shapes.FoundMessage(message=without_client_id(message), conversation=summary)
            for message, summary in found
        ],
        next=found[-1][0].id if len(found) == limit else None,
    )


@router.get("/views")
async def views(agent: SignedInAgent, to: UsedServices) -> shapes.ViewsAnswer:
    """Your saved views, and those others share."""

    def work(session: Session) -> shapes.ViewsAnswer:
        rows = to.desk.views.all(session, agent.id)
        return shapes.ViewsAnswer(items=[_view(row, agent.id) for row in rows])

    return await to.database.read(work)


@router.post("/views", status_code=201)
async def add_view(body: shapes.ViewIn, agent: SignedInAgent, to: UsedServices) -> shapes.ViewOut:
    return await to.database.write(
        lambda s: _view(
            to.desk.views.add(s, agent.id, body.name, body.shared, body.filters), agent.id
        )
    )


@router.put("/views/{view_id}")
async def change_view(
    view_id: str, body: shapes.ViewIn, agent: SignedInAgent, to: UsedServices
) -> shapes.ViewOut:
    return await to.database.write(
        lambda s: _view(
            to.desk.views.change(s, agent.id, view_id, body.name, body.shared, body.filters),
            agent.id,
        )
    )


@router.delete("/views/{view_id}", status_code=204)
async def delete_view(view_id: str, agent: SignedInAgent, to: UsedServices) -> None:
    await to.database.write(lambda s: to.desk.views.delete(s, agent.id, view_id))


def _view(row: shapes.ViewRow, reader_id: str) -> shapes.ViewOut:
    return shapes.ViewOut(
        id=row.id,
        name=row.name,
        shared=row.shared,
        mine=row.agent_id == reader_id,
        filters=Filters.model_validate(row.filters),
    )


# --- what helps to answer -------------------------------------------------------------------


@router.get("/conversations/{conversation_id}/customer")
async def customer(
    conversation_id: str, _agent: SignedInAgent, to: UsedServices
) -> shapes.CustomerAnswer:
    """Where this customer was, and their other conversations."""

    def work(session: Session) -> shapes.CustomerAnswer:
        visitor_id = to.chat.opened(session, conversation_id).visitor_id
        trail = to.chat.trail(session, visitor_id)
        return shapes.CustomerAnswer(
            trail=[shapes.PageOut(url=url, at=at) for url, at in trail],
            earlier=to.chat.earlier(session, conversation_id),
        )

    return await to.database.read(work)


@router.get("/conversations/{conversation_id}/suggestions")
async def suggestions(
    conversation_id: str, _agent: SignedInAgent, to: UsedServices
) -> shapes.SuggestionsAnswer:
    """The knowledge's nearest answers to what the customer wrote last, best first."""
    found = await to.desk.suggestions.of(conversation_id)
    return shapes.SuggestionsAnswer(
        items=[shapes.SuggestionOut.model_validate(one) for one in found]
    )


# --- in other words -------------------------------------------------------------------------


@router.get("/wording")
async def wording(_agent: SignedInAgent, to: UsedServices) -> shapes.WordingAnswer:
    """Whether words can be translated and polished: it takes a large language model."""
    return shapes.WordingAnswer(available=to.desk.wording.available)


@router.post("/wording/translate")
async def translate(
    body: shapes.TranslateIn, agent: SignedInAgent, to: UsedServices
) -> shapes.WordsAnswer:
    """Either side's words in the other language; figures, links and codes stay, or 422."""
    await to.limits.check("wording", agent.id)
    text = await to.desk.wording.reword(body.text, "translate", body.to)
    return shapes.WordsAnswer(text=text)


@router.post("/wording/tone")
async def tone(body: shapes.ToneIn, agent: SignedInAgent, to: UsedServices) -> shapes.WordsAnswer:
    """The agent's draft in the house's tone, in its own language; it promises nothing new."""
    await to.limits.check("wording", agent.id)
    language: Language = "zh" if has_han(body.text) else "en"
    return shapes.WordsAnswer(text=await to.desk.wording.reword(body.text, "tone", language))


# --- corrections ----------------------------------------------------------------------------


@router.get("/nlu/labels")
async def labels(_agent: SignedInAgent, to: UsedServices) -> shapes.LabelsAnswer:
    """The intents and entities that the bot's project names."""
    found = to.assistant.labels()
    return shapes.LabelsAnswer(intents=sorted(found.intents), entities=sorted(found.entities))


@router.get("/nlu/corrections")
async def corrections(
    _agent: SignedInAgent,
    to: UsedServices,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> shapes.CorrectionsAnswer:
    """What agents said that customers meant, latest first."""
    rows = await to.database.read(lambda s: to.desk.corrections.all(s, limit))
    return shapes.CorrectionsAnswer(
        items=[shapes.CorrectionOut.model_validate(row) for row in rows]
    )


@router.get("/nlu/corrections.yml")
async def export_corrections(
    _supervisor: SignedInSupervisor, to: UsedServices
) -> PlainTextResponse:
    """All of them as training data in Rasa's format."""
    text = await to.database.read(to.desk.corrections.training_data)
    return PlainTextResponse(
        text,
        media_type="application/yaml",
        headers={"Content-Disposition": 'attachment; filename="corrections.yml"'},
    )


@router.delete("/nlu/corrections/{correction_id}", status_code=204)
async def delete_correction(
    correction_id: str, supervisor: SignedInSupervisor, to: UsedServices
) -> None:
    await to.database.write(lambda s: to.desk.corrections.delete(s, supervisor, correction_id))


@router.get("/conversations/{conversation_id}/corrections/{message_id}")
async def correction(
    conversation_id: str, message_id: str, _agent: SignedInAgent, to: UsedServices
) -> shapes.CorrectionAnswer:
    def work(session: Session) -> shapes.CorrectionAnswer:
        row = to.desk.corrections.of_message(session, conversation_id, message_id)
        out = shapes.CorrectionOut.model_validate(row) if row else None
        return shapes.CorrectionAnswer(correction=out)

    return await to.database.read(work)


@router.put("/conversations/{conversation_id}/corrections")
async def correct(
    conversation_id: str, body: shapes.CorrectionIn, agent: SignedInAgent, to: UsedServices
) -> shapes.CorrectionOut:
    """Say what a customer's message meant; it becomes a labelled example."""
    row = await to.database.write(
        lambda s: to.desk.corrections.put(s, agent, conversation_id, body)
    )
    return shapes.CorrectionOut.model_validate(row)
