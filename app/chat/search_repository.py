"""SQL of the search over all messages: FTS5 on SQLite, a tsvector under GIN on PostgreSQL.

Both hold the words of `search_words` with their places, so both find the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.chat.search_words import words
from app.models import Conversation, StoredMessage

FTS5 = (
    "CREATE VIRTUAL TABLE message_search USING fts5"
    "(words, message_id UNINDEXED, conversation_id UNINDEXED, tokenize = 'unicode61')"
)
TSVECTOR = (
    "CREATE TABLE message_search (message_id VARCHAR(32) PRIMARY KEY, "
    "conversation_id VARCHAR(32) NOT NULL, words TSVECTOR NOT NULL)",
    "CREATE INDEX ix_message_search_words ON message_search USING gin (words)",
    "CREATE INDEX ix_message_search_conversation_id ON message_search (conversation_id)",
)
PLAIN = sa.text(
    "INSERT INTO message_search (words, message_id, conversation_id) VALUES (:words, :id, :of)"
)
PLACED = sa.text(
    "INSERT INTO message_search (words, message_id, conversation_id) "
    "VALUES (CAST(CAST(:words AS TEXT) AS TSVECTOR), :id, :of)"
)
FTS5_MATCHES = sa.text("message_search MATCH :query")
TSVECTOR_MATCHES = sa.text("message_search.words @@ CAST(CAST(:query AS TEXT) AS TSQUERY)")
SEARCHED = sa.table("message_search", sa.column("message_id"), sa.column("conversation_id"))
Searched = tuple[str, str, str]
"""A message's id, its conversation's, and the text it can be found by."""
LAST_PLACE = 16_383
"""PostgreSQL counts no further."""


def make_table(connection: sa.Connection) -> None:
    postgres = connection.dialect.name == "postgresql"
    for statement in TSVECTOR if postgres else (FTS5,):
        connection.exec_driver_sql(statement)


def insert_words(to: sa.Connection | Session, found: Sequence[Searched]) -> None:
    rows = [
        {"words": in_text, "id": message_id, "of": conversation_id}
        for message_id, conversation_id, text in found
        if (in_text := words(text))
    ]
    if not rows:
        return
    if isinstance(to, Session):
        to = to.connection()  # past the session, which would flush what is not yet complete
    postgres = _postgres(to)
    for row in rows:
        row["words"] = _placed(row["words"]) if postgres else " ".join(row["words"])
    to.execute(PLACED if postgres else PLAIN, rows)


def _placed(found: Sequence[str]) -> str:
    return " ".join(f"'{w}':{n}" for n, w in enumerate(found[:LAST_PLACE], 1))


def forget(session: Session, conversation_id: str) -> None:
    """Nothing said in this conversation is found any more."""
    session.execute(sa.delete(SEARCHED).where(SEARCHED.c.conversation_id == conversation_id))


def forget_message(session: Session, message_id: str, text: str) -> None:
    """This message is found no more; `text` is what was indexed, by which it is found quickly."""
    found = words(text)
    if not found:
        return
    gone = sa.delete(SEARCHED).where(SEARCHED.c.message_id == message_id)
    if not _postgres(session):  # FTS5 looks up words alone
        gone = gone.where(FTS5_MATCHES.bindparams(query=f'"{" ".join(found)}"'))
    session.execute(gone)


def search(
    session: Session, text: str, before: str | None, limit: int
) -> Sequence[tuple[StoredMessage, Conversation]]:
    """Messages that hold every part of `text`, the latest first; before the message `before`."""
    parts = [found for part in text.split() if (found := words(part))]
    if not parts:
        return ()
    postgres = _postgres(session)
    query = _tsquery(parts) if postgres else _fts5_query(parts)
    matches = (TSVECTOR_MATCHES if postgres else FTS5_MATCHES).bindparams(query=query)
    hits = sa.select(SEARCHED.c.message_id).select_from(SEARCHED).where(matches)
    if before is not None:
        hits = hits.where(SEARCHED.c.message_id < before)
    latest: sa.ColumnElement[object] = sa.column("message_id") if postgres else sa.column("rowid")
    ids = session.scalars(hits.order_by(latest.desc()).limit(limit)).all()
    rows = session.execute(
        sa.select(StoredMessage, Conversation)
        .join(Conversation, Conversation.id == StoredMessage.conversation_id)
        .where(StoredMessage.id.in_(ids))
        .order_by(StoredMessage.id.desc())
    )
    return [(message, conversation) for message, conversation in rows]


def _postgres(to: sa.Connection | Session) -> bool:
    bind = to.get_bind() if isinstance(to, Session) else to
    return bind.dialect.name == "postgresql"


def _fts5_query(parts: Sequence[Sequence[str]]) -> str:
    """Each part a phrase; of the last the end may still be untyped."""
    phrases = [f'"{" ".join(part)}"' for part in parts]
    return " AND ".join(phrases) + " *"


def _tsquery(parts: Sequence[Sequence[str]]) -> str:
    phrases = [[f"'{word}'" for word in part] for part in parts]
    phrases[-1][-1] += ":*"
    return " & ".join(f"({' <-> '.join(phrase)})" for phrase in phrases)
