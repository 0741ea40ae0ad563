"""What agents say that customers meant: labelled examples, for the next training."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby

from sqlalchemy.orm import Session

from app.audit import record
from app.auth.service import AgentIdentity
from app.desk import repository
from app.desk.schemas import CorrectionIn, LabelledEntity
from app.desk.training_data import Labelled, as_rasa_nlu
from app.errors import Forbidden, NotFound, Refused
from app.models import Agent, Conversation, Correction, StoredMessage, new_id, now
from app.models.base import Language


class Corrections:
    def put(
        self, session: Session, agent: AgentIdentity, conversation_id: str, body: CorrectionIn
    ) -> Correction:
        """A second correction of the same message replaces the first. Raises `Refused`."""
        message = repository.customer_message(session, conversation_id, body.message_id)
        conversation = session.get(Conversation, conversation_id)
        if message is None or conversation is None:
            raise NotFound("message_not_found")
        turn = repository.turn(session, message.turn_id)
        understood = turn.understanding if turn and turn.understanding else {}
        text = str(understood.get("text") or message.content.get("text", ""))
        language: Language = "en" if understood.get("language") == "en" else conversation.language
        check_entities(text, body.entities)
        row = repository.correction_of(session, message.id) or Correction(
            id=new_id(), message_id=message.id, conversation_id=conversation_id
        )
        row.text, row.language = text, language
        row.was_intent = turn.intent if turn else None
        row.intent, row.entry_id = body.intent, body.entry_id
        row.entities = [entity.model_dump(exclude_none=True) for entity in body.entities]
        row.author_id, row.author_name, row.at = agent.id, agent.name, now()
        session.add(row)
        session.flush()
        record(session, agent.id, "understanding_corrected", row.message_id)
        return row

    def label(
        self,
        session: Session,
        agent: AgentIdentity,
        message_ids: Collection[str],
        intent: str,
        entry_id: str,
    ) -> None:
        """All of these customers' messages mean `intent`. Raises `Forbidden` to a program."""
        if session.get(Agent, agent.id) is None:
            raise Forbidden("agents_only")
        for message_id in message_ids:
            message = session.get(StoredMessage, message_id)
            if message is not None:
                body = CorrectionIn(message_id=message_id, intent=intent, entry_id=entry_id)
                self.put(session, agent, message.conversation_id, body)

    def of_message(
        self, session: Session, conversation_id: str, message_id: str
    ) -> Correction | None:
        message = repository.customer_message(session, conversation_id, message_id)
        return repository.correction_of(session, message.id) if message else None

    def all(self, session: Session, limit: int) -> list[Correction]:
        return list(repository.corrections(session, limit))

    def delete(self, session: Session, agent: AgentIdentity, id_: str) -> None:
        row = session.get(Correction, id_)
        if row is None:
            raise NotFound()
        session.delete(row)
        record(session, agent.id, "correction_deleted", row.message_id)

    def training_data(self, session: Session) -> str:
        """All of them as a Rasa ``nlu.yml``."""
        rows = sorted(repository.corrections(session), key=lambda row: (row.intent, row.id))
        return as_rasa_nlu(
            {
                intent: [_labelled(row) for row in group]
                for intent, group in groupby(rows, key=lambda row: row.intent)
            }
        )


def check_entities(text: str, entities: Sequence[LabelledEntity]) -> None:
    """Offsets count code points and spans do not overlap. Raises `Refused`."""
    end = 0
    for entity in sorted(entities, key=lambda one: one.start):
        if not end <= entity.start < entity.end <= len(text):
            raise Refused("bad_span", start=entity.start, end=entity.end, length=len(text))
        end = entity.end


def _labelled(row: Correction) -> Labelled:
    spans = [LabelledEntity.model_validate(entity) for entity in row.entities]
    return Labelled(row.text, [(one.start, one.end, one.entity, one.value) for one in spans])
