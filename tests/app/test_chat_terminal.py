"""``lingxi chat --url``: lines from a file are answered one after the other."""

from __future__ import annotations

from app.cli.chat_remote import chat_with_server
from dialogue.types import Reply


async def test_each_line_of_a_file_waits_for_the_answer_to_the_one_before(base: str) -> None:
    lines = iter(["think 0.4", "hello", "both 0.2", "bye"])
    heard: list[Reply] = []

    async def read_line() -> str | None:
        return next(lines, None)

    await chat_with_server(
        f"{base.replace('http', 'ws', 1)}/ws", read_line, heard.append, in_turn=True
    )
    said = ["echo: think 0.4", "echo: hello", "at once", "in the end", "echo: bye"]
    assert [reply.text for reply in heard] == said
