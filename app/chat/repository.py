"""All SQL about conversations, their messages, turns and dialogue events."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.models import (
    Conversation,
    HandoffRecord,
    PageView,
    StoredFile,
    StoredMessage,
    Turn,
    Visitor,
)

Columns = sa.Row[*tuple[Any, ...]]
"""A row that was read past the session, by its columns' names; to look at, not to change."""
PAGES_KEPT = 30
"""Of one customer; what they looked at before that helps nobody."""
EARLIER_SHOWN = 20
# What every message and turn asks for is built once: to build a statement costs more than to run it.
OF_CONVERSATION: sa.BindParameter[str] = sa.bindparam("conversation")
THESE: sa.BindParameter[Sequence[str]] = sa.bindparam("ids", expanding=True)
LOCKED = (
    sa.select(Conversation)
    .where(Conversation.id.in_(THESE))
    .order_by(Conversation.id)
    .with_for_update()
    .execution_options(populate_existing=True)
)
OPEN_TURNS_OF = sa.select(Turn).where(
    Turn.conversation_id.in_(THESE), Turn.state.in_(("pending", "running"))
)
_columns = Conversation.__table__.c
# Columns instead of objects take half the time: all who were here ask for these after a restart.
OPENED = sa.select(
    _columns.id,
    _columns.visitor_id,
    _columns.epoch,
    _columns.owner,
    _columns.agent_name,
    _columns.last_seq,
    _columns.agent_read_seq,
    _columns.language,
    _columns.voice,
    _columns.page_url,
)
OPENED_BY_ID = OPENED.where(_columns.id == OF_CONVERSATION)
OPENED_LATEST = (
    OPENED.where(_columns.visitor_id == sa.bindparam("visitor"))
    .order_by(_columns.created_at.desc())
    .limit(1)
)
LATEST_CONVERSATION = (
    sa.select(Conversation)
    .where(Conversation.visitor_id == sa.bindparam("visitor"))
    .order_by(Conversation.created_at.desc())
    .limit(1)
)
_said = StoredMessage.__table__.c
MESSAGES_AFTER = (
    sa.select(StoredMessage.__table__)
    .where(_said.conversation_id == OF_CONVERSATION, _said.seq > sa.bindparam("after"))
    .order_by(_said.seq)
    .limit(sa.bindparam("limit"))
)
OPEN_TURNS = (
    sa.select(Turn)
    .where(Turn.conversation_id == OF_CONVERSATION, Turn.state.in_(("pending", "running")))
    .order_by(Turn.created_at)
)
ASKED_IN_TURN = (
    sa.select(StoredMessage)
    .where(StoredMessage.turn_id == sa.bindparam("turn"), StoredMessage.author_type == "visitor")
    .order_by(StoredMessage.seq)
)
OUTER_NAME = sa.select(Visitor.__table__.c.external_id).where(
    Visitor.__table__.c.id == sa.bindparam("visitor")
)
CLOCKS_APART = timedelta(minutes=5)
"""Machines that keep their time never are; a turn from further ahead waits for nobody."""


def lock_conversation(session: Session, conversation_id: str) -> Conversation | None:
    """The conversation, held until the transaction ends: whoever changes it goes one by one."""
    return next(iter(lock_conversations(session, [conversation_id])), None)


def lock_conversations(session: Session, ids: Collection[str]) -> Sequence[Conversation]:
    """As `lock_conversation`, in one order for everybody, so that nobody waits in a circle."""
    return session.scalars(LOCKED, {"ids": list(ids)}).all()


def insert(session: Session, rows: Sequence[StoredMessage] | Sequence[Turn]) -> None:
    """New rows of one kind, all with the same fields, past the session, which takes ten times as
    long. It does not know them afterwards: whoever changes one loads it first.
    """
    if rows:
        fields = [field for field in vars(rows[0]) if not field.startswith("_")]
        values = [{field: getattr(row, field) for field in fields} for row in rows]
        session.connection().execute(sa.insert(type(rows[0])), values)


def conversation(session: Session, conversation_id: str) -> Conversation | None:
    return session.get(Conversation, conversation_id)


def visitor(session: Session, visitor_id: str) -> Visitor | None:
    return session.get(Visitor, visitor_id)


def latest_conversation(session: Session, visitor_id: str) -> Conversation | None:
    return session.scalar(LATEST_CONVERSATION, {"visitor": visitor_id})


def opened(session: Session, conversation_id: str) -> Columns | None:
    """What a socket has to know of the conversation."""
    return session.execute(OPENED_BY_ID, {"conversation": conversation_id}).first()


def opened_latest(session: Session, visitor_id: str) -> Columns | None:
    return session.execute(OPENED_LATEST, {"visitor": visitor_id}).first()


def conversations_since(session: Session, since: datetime | None) -> Sequence[str]:
    """Ids, the oldest first."""
    query = sa.select(Conversation.id).order_by(Conversation.created_at)
    if since is not None:
        query = query.where(Conversation.created_at >= since)
    return session.scalars(query).all()


def conversations_of(session: Session, visitor_id: str) -> Sequence[Conversation]:
    return session.scalars(
        sa.select(Conversation).where(Conversation.visitor_id == visitor_id)
    ).all()


def move_to_visitor(session: Session, from_id: str, to_id: str) -> None:
    """Conversations in which something was said, and what belongs to them."""
    said = sa.select(Conversation.id).where(
        Conversation.visitor_id == from_id, Conversation.last_seq > 0
    )
    ids = list(session.scalars(said))
    for table in (StoredMessage, StoredFile):
        session.execute(
            sa.update(table)
            .where(table.conversation_id.in_(ids), table.author_id == from_id)
            .values(author_id=to_id)
        )
    session.execute(
        sa.update(Conversation).where(Conversation.id.in_(ids)).values(visitor_id=to_id)
    )
    session.execute(
        sa.update(PageView).where(PageView.visitor_id == from_id).values(visitor_id=to_id)
    )


def last_seqs(session: Session, ids: Sequence[str]) -> dict[str, int]:
    rows = session.execute(
        sa.select(Conversation.id, Conversation.last_seq).where(Conversation.id.in_(ids))
    )
    return {row.id: row.last_seq for row in rows}


def other_conversations(session: Session, row: Conversation) -> Sequence[Conversation]:
    """Of the same customer, latest first."""
    return session.scalars(
        sa.select(Conversation)
        .where(
            Conversation.visitor_id == row.visitor_id,
            Conversation.id != row.id,
            Conversation.last_seq > 0,
        )
        .order_by(Conversation.updated_at.desc())
        .limit(EARLIER_SHOWN)
    ).all()


def pages(session: Session, visitor_id: str) -> Sequence[PageView]:
    """Latest first."""
    return session.scalars(
        sa.select(PageView)
        .where(PageView.visitor_id == visitor_id)
        .order_by(PageView.at.desc(), PageView.id.desc())
        .limit(PAGES_KEPT)
    ).all()


def note_page(session: Session, visitor_id: str, url: str, at: datetime) -> None:
    """The customer is on this page; the same one again tells nothing new."""
    known = pages(session, visitor_id)
    if known and known[0].url == url:
        return
    session.add(PageView(visitor_id=visitor_id, url=url, at=at))
    for old in known[PAGES_KEPT - 1 :]:
        session.delete(old)


# --- messages -------------------------------------------------------------------------------


def message(session: Session, message_id: str) -> StoredMessage | None:
    return session.get(StoredMessage, message_id)


def messages_by_client_ids(
    session: Session, keys: Sequence[tuple[str, str, str]]
) -> Sequence[StoredMessage]:
    """Those of (conversation, author, client id) that are stored; hardly ever any."""
    values = {
        f"{name}{n}": value
        for n, key in enumerate(keys)
        for name, value in zip(("of", "by", "client"), key, strict=True)
    }
    found = session.scalars(_by_client_ids(len(keys)), values).all()
    return [row for id_ in found if (row := session.get(StoredMessage, id_))]


@cache
def _by_client_ids(count: int) -> sa.TextClause:
    """Each key is looked up in the index: neither database does so for a list of triples."""
    asked = ", ".join(
        f"(CAST(:of{n} AS TEXT), CAST(:by{n} AS TEXT), CAST(:client{n} AS TEXT))"
        for n in range(count)
    )
    return sa.text(
        f"WITH asked (of_, by_, client) AS (VALUES {asked}) "  # noqa: S608  names of our own
        "SELECT messages.id FROM asked JOIN messages ON messages.conversation_id = asked.of_ "
        "AND messages.author_id = asked.by_ AND messages.client_msg_id = asked.client"
    )


def messages_after(
    session: Session, conversation_id: str, after_seq: int, limit: int
) -> Sequence[Columns]:
    """Oldest first."""
    keys = {"conversation": conversation_id, "after": after_seq, "limit": limit}
    return session.execute(MESSAGES_AFTER, keys).all()


def quoting(session: Session, quoted: StoredMessage, limit: int) -> Sequence[StoredMessage]:
    """Later ones that quote it, among the next `limit`."""
    later = session.scalars(
        sa.select(StoredMessage)
        .where(
            StoredMessage.conversation_id == quoted.conversation_id, StoredMessage.seq > quoted.seq
        )
        .order_by(StoredMessage.seq)
        .limit(limit)
    )
    return [row for row in later if (row.content.get("quote") or {}).get("message_id") == quoted.id]


def messages_before(
    session: Session, conversation_id: str, before_seq: int | None, limit: int
) -> Sequence[StoredMessage]:
    """The last ones before `before_seq`, oldest first."""
    query = sa.select(StoredMessage).where(StoredMessage.conversation_id == conversation_id)
    if before_seq is not None:
        query = query.where(StoredMessage.seq < before_seq)
    newest_first = session.scalars(query.order_by(StoredMessage.seq.desc()).limit(limit)).all()
    return newest_first[::-1]


def visitor_messages_after(session: Session, conversation_id: str, seq: int) -> int:
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(StoredMessage)
        .where(
            StoredMessage.conversation_id == conversation_id,
            StoredMessage.author_type == "visitor",
            StoredMessage.seq > seq,
        )
    )
    return count or 0


def visitor_messages(session: Session, conversation_id: str, limit: int) -> Sequence[StoredMessage]:
    """What the customer typed, latest first."""
    return session.scalars(
        sa.select(StoredMessage)
        .where(
            StoredMessage.conversation_id == conversation_id,
            StoredMessage.author_type == "visitor",
        )
        .order_by(StoredMessage.seq.desc())
        .limit(limit)
    ).all()


def messages_of_turn(session: Session, turn_id: str) -> Sequence[StoredMessage]:
    """What the customer said in it, in order."""
    return session.scalars(ASKED_IN_TURN, {"turn": turn_id}).all()


def replies_of_turn(session: Session, turn_id: str) -> int:
    """How much the bot has said in it."""
    said = sa.and_(StoredMessage.turn_id == turn_id, StoredMessage.author_type == "bot")
    return session.scalar(sa.select(sa.func.count()).where(said)) or 0


def answers_to(session: Session, asked: StoredMessage) -> Sequence[StoredMessage]:
    """What its turn said, and the system since, in order."""
    return session.scalars(
        sa.select(StoredMessage)
        .where(
            StoredMessage.conversation_id == asked.conversation_id,
            StoredMessage.seq > asked.seq,
            sa.or_(
                sa.and_(StoredMessage.turn_id == asked.turn_id, StoredMessage.author_type == "bot"),
                StoredMessage.author_type == "system",
            ),
        )
        .order_by(StoredMessage.seq)
    ).all()


# --- turns ----------------------------------------------------------------------------------


def turn(session: Session, turn_id: str) -> Turn | None:
    return session.get(Turn, turn_id)


def open_turns(session: Session, conversation_id: str) -> Sequence[Turn]:
    """Those pending and running, oldest first."""
    return session.scalars(OPEN_TURNS, {"conversation": conversation_id}).all()


def turn_in_state(session: Session, conversation_id: str, state: str) -> Turn | None:
    found = open_turns(session, conversation_id)
    return next((turn for turn in found if turn.state == state), None)


def open_turns_of(session: Session, conversation_ids: Collection[str]) -> Sequence[Turn]:
    """Those pending and running in any of these conversations."""
    if not conversation_ids:
        return ()
    return session.scalars(OPEN_TURNS_OF, {"ids": list(conversation_ids)}).all()


def conversations_to_remind(session: Session, at: datetime, limit: int) -> Sequence[str]:
    """The bot's conversations with a reminder that is due, the longest due first."""
    return session.scalars(
        sa.select(Conversation.id)
        .where(Conversation.remind_at <= at, Conversation.owner == "bot")
        .order_by(Conversation.remind_at)
        .limit(limit)
    ).all()


def put_off_reminder(session: Session, conversation_id: str, until: datetime) -> None:
    session.execute(
        sa.update(Conversation).where(Conversation.id == conversation_id).values(remind_at=until)
    )


def not_now(at: Any, before: datetime) -> sa.ColumnElement[bool]:
    """Long past, or so far ahead that the clock which wrote it was wrong, or ours is."""
    return sa.or_(at < before, at > before + CLOCKS_APART)


def conversations_owed(session: Session, older_than: datetime, limit: int) -> Sequence[str]:
    """Conversations with a turn that nobody is known to work on."""
    return session.scalars(
        sa.select(Turn.conversation_id)
        .where(
            sa.or_(
                sa.and_(Turn.state == "pending", not_now(Turn.created_at, older_than)),
                sa.and_(Turn.state == "running", not_now(Turn.lease_until, older_than)),
            )
        )
        .distinct()
        .limit(limit)
    ).all()


def renew_leases(session: Session, worker: str, turn_ids: Collection[str], until: datetime) -> None:
    session.execute(
        sa.update(Turn)
        .where(Turn.id.in_(turn_ids), Turn.state == "running", Turn.worker == worker)
        .values(lease_until=until)
    )


def expire_leases(session: Session, at: datetime) -> None:
    """Every running turn's worker is known to be dead: this is the only process there is."""
    session.execute(sa.update(Turn).where(Turn.state == "running").values(lease_until=at))


def outer_name(session: Session, visitor_id: str) -> str | None:
    """What another program calls the customer, ``channel:name``."""
    found: str | None = session.connection().scalar(OUTER_NAME, {"visitor": visitor_id})
    return found


def turns_of(session: Session, conversation_id: str) -> Sequence[Turn]:
    return session.scalars(sa.select(Turn).where(Turn.conversation_id == conversation_id)).all()


def handoff_cards(session: Session, conversation_id: str) -> Sequence[HandoffRecord]:
    return session.scalars(
        sa.select(HandoffRecord).where(HandoffRecord.conversation_id == conversation_id)
    ).all()
