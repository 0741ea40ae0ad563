"""``lingxi chat --url``: lines from a file are answered one after the other; where nobody answers, it
says so."""

from __future__ import annotations

import asyncio

import pytest
from conftest import Server, free_port, running

from app.cli import main
from app.cli.chat_remote import NoServerError, chat_with_server
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


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("127.0.0.1:8000", "expected an address like ws://host:port/ws, got '127.0.0.1:8000'"),
        ("ftp://shop", "expected an address like ws://host:port/ws"),
        ("ws://[::1]:{port}/ws", "no server answers at http://[::1]:{port}"),
        ("http://127.0.0.1:{port}", "no server answers at http://127.0.0.1:{port}"),
    ],
)
def test_nobody_to_talk_to_is_said_in_a_line(
    url: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    with pytest.raises(SystemExit) as end:
        main(["chat", "--url", url.format(port=port)])
    assert end.value.code == 1
    said = capsys.readouterr().err
    assert words.format(port=port) in said.replace("\n", " ")
    assert "Traceback" not in said


@pytest.mark.parametrize(("status", "words"), [("200 OK", "got another one"), ("404 No", "404")])
async def test_another_program_at_the_address_is_told_from_ours(status: str, words: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 5\r\n\r\nhello".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(NoServerError, match=f"expected a Lingxi server at .*{port}.*{words}"):
            await chat_with_server(f"ws://127.0.0.1:{port}/ws", _no_line, lambda reply: None)


async def test_a_server_that_ends_meanwhile_is_noticed_before_the_next_line(
    own_server: Server,
) -> None:
    async with running(own_server):
        lines = iter(["hello"])

        async def read_line() -> str | None:
            line = next(lines, None)
            if line is None:
                await own_server.stop()
                await asyncio.Event().wait()
            return line

        talk = chat_with_server(own_server.base, read_line, lambda reply: None, in_turn=True)
        with pytest.raises(NoServerError, match="has closed the conversation"):
            await asyncio.wait_for(talk, 60)


async def _no_line() -> str | None:
    return None
