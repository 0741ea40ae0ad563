"""Files and pictures from customers: told by content, bounded, handed out to the two sides alone."""

from __future__ import annotations

import asyncio
import io
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from app_client import PATIENCE_S, Customer, Desk
from app_fakes import READ_IN_PICTURES
from PIL import Image

GPS = 0x8825


@pytest_asyncio.fixture
async def http(base: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_S) as client:
        yield client


async def upload(
    http: httpx.AsyncClient, customer: Customer, body: bytes, name: str = "a.png"
) -> httpx.Response:
    return await http.post(
        "/api/visitor/files",
        params={"name": name},
        content=body,
        headers={"Authorization": f"Bearer {customer.token}", "Accept-Language": "en"},
    )


def key_of(file: dict[str, Any]) -> str:
    return str(file["url"]).rsplit("/", 1)[1]


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **save: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **save)
    return out.getvalue()


def archive(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in entries.items():
            bundle.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


def huge_png() -> bytes:
    """A header that promises 30,000 x 30,000 pixels, in a hundred bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


async def test_a_picture_reaches_the_agent_and_only_who_was_told(
    customer: Customer, desk: Desk, http: httpx.AsyncClient
) -> None:
    exif = Image.Exif()
    exif[GPS] = {1: "N", 2: (31.0, 14.0, 2.0)}
    sent = picture("JPEG", exif=exif) + b"<script>alert(1)</script>"
    file = (await upload(http, customer, sent, "../..\\厨房\u202egpj.exe")).json()
    assert (file["name"], file["media_type"]) == ("厨房gpj.exe.jpg", "image/jpeg")
    assert (file["width"], file["height"]) == (40, 30)

    async with desk.talk() as agent, customer.talk() as talk:
        await agent.emit({"type": "watch", "conversation_id": customer.conversation_id})
        content = {"text": "", "files": [key_of(file)]}
        event = {"type": "send", "client_msg_id": "picture-1", "content": content}
        for _ in range(2):  # a resend is the same message
            await talk.emit(event)
            assert (await talk.of_type("ack"))["client_msg_id"] == "picture-1"
        seen = await agent.message("visitor")
        assert seen["content"]["files"] == [file]
        answer = await talk.message("bot")
        assert answer["content"]["text"] == f"echo: {READ_IN_PICTURES}"
        assert len([m for m in talk.messages if m["author"]["type"] == "visitor"]) == 1

    got = await http.get(file["url"])
    assert got.headers["content-disposition"].startswith("attachment")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    kept = Image.open(io.BytesIO(got.content))
    assert (kept.size, dict(kept.getexif())) == ((40, 30), {}), "where it was taken is gone"
    assert b"script" not in got.content
    other = "A" if file["url"][-1] != "A" else "B"
    assert (await http.get(file["url"][:-1] + other)).status_code == 404


async def test_what_a_file_is_is_told_by_its_content(
    customer: Customer, http: httpx.AsyncClient
) -> None:
    document = archive(**{"[Content_Types]_xml": b"<x/>", "word__document_xml": b"<x/>"})
    taken = {
        "a.exe": (b"%PDF-1.7\n...", "application/pdf", "a.exe.pdf"),
        "list.csv": ("名称,价格\n".encode("gb18030"), "text/plain", "list.csv"),
        "page.html": (b"<script>alert(1)</script>", "text/plain", "page.html.txt"),
        "b": (document, "application/vnd.openxmlformats-officedocument", "b.docx"),
    }
    for name, (body, media_type, shown) in taken.items():
        file = (await upload(http, customer, body, name)).json()
        assert file["media_type"].startswith(media_type), name
        assert file["name"] == shown
        served = await http.get(file["url"])
        assert served.content == body
        assert served.headers["content-type"].startswith(media_type)

    macros = archive(**{"word__document_xml": b"<x/>", "word__vbaProject.bin": b"x"})
    bomb = archive(**{"word__document_xml": b"\0" * 50_000_000})
    refused = {
        "file_type_refused": [b"MZ\x90\0\x03\0", b"\x7fELF\x02\x01", archive(a=b"x"), macros],
        "file_unpacks_too_large": [bomb],
        "picture_too_large": [huge_png()],
        "file_damaged": [picture()[:40], b"PK\x03\x04nothing"],
        "file_empty": [b""],
        "file_too_large": [b"x" * (1024 * 1024 + 1)],
    }
    for code, bodies in refused.items():
        for body in bodies:
            answer = await upload(http, customer, body, "photo.png")
            assert answer.status_code in (413, 422), code
            assert answer.json()["error"]["code"] == code
            assert "{" not in answer.json()["error"]["words"]


async def test_only_ones_own_files_can_be_sent_and_once(
    customer: Customer, base: str, http: httpx.AsyncClient
) -> None:
    file = (await upload(http, customer, picture())).json()
    other = await Customer.arrive(base)
    async with other.talk() as talk:
        await emit_file(talk, "theft-of-it", [key_of(file)])
        assert (await talk.of_type("nack"))["code"] == "file_not_found"
    async with customer.talk() as talk:
        await emit_file(talk, "the-first-one", [key_of(file)])
        await talk.of_type("ack")
        await emit_file(talk, "the-second-one", [key_of(file)])
        assert (await talk.of_type("nack"))["code"] == "file_not_found"
        await emit_file(talk, "the-third-one", [f"{n:032d}" for n in range(6)])
        assert (await talk.of_type("nack"))["code"] == "too_many_files"
    nobody = await http.post("/api/visitor/files", params={"name": "a"}, content=picture())
    assert nobody.status_code == 401


async def emit_file(talk: Any, client_msg_id: str, keys: list[str]) -> None:
    content = {"text": "", "files": keys}
    await talk.emit({"type": "send", "client_msg_id": client_msg_id, "content": content})


async def test_a_recalled_message_is_gone_for_both_sides(
    customer: Customer, desk: Desk, http: httpx.AsyncClient
) -> None:
    file = (await upload(http, customer, picture())).json()
    async with desk.talk() as agent, customer.talk() as talk:
        await desk.act(customer.conversation_id, "claim")
        await agent.emit({"type": "watch", "conversation_id": customer.conversation_id})
        content = {"text": "my card is 4111", "files": [key_of(file)]}
        await talk.emit({"type": "send", "client_msg_id": "a-slip-of-mine", "content": content})
        ack = await talk.of_type("ack")
        await agent.message("visitor", "my card is 4111")
        reply = {"text": "got it", "reply_to": ack["message_id"]}
        await agent.emit(
            {
                "type": "send",
                "conversation_id": customer.conversation_id,
                "client_msg_id": "an-answer-to-it",
                "content": reply,
            }
        )
        quoting = await talk.message("agent", "got it")
        assert quoting["content"]["quote"]["text"].startswith("my card is 4111")

        other = await Customer.arrive(customer.base)
        async with other.talk() as stranger:
            await stranger.emit({"type": "recall", "message_id": ack["message_id"]})
            assert (await stranger.of_type("error"))["code"] == "message_not_found"
        await talk.emit({"type": "recall", "message_id": ack["message_id"]})
        for side in (talk, agent):
            gone = await side.until(
                lambda e: e["type"] == "message" and e["message"]["content"]["recalled"]
            )
            assert gone["message"]["content"]["text"] == ""
            assert gone["message"]["seq"] == ack["seq"]
        epoch = customer.epoch
    assert (await http.get(file["url"])).status_code == 404
    async with customer.talk(last_seq=ack["seq"], epoch=epoch) as away:
        await away.of_type("reset")  # who was away is not left with what was taken back
        await away.message("agent", "got it")
    assert "4111" not in str(away.heard)


async def test_a_message_taken_back_in_time_is_not_answered(customer: Customer) -> None:
    async with customer.talk() as talk:
        ack = await talk.send("slow 1 and answer")
        await talk.of_type("typing", on=True)
        await talk.emit({"type": "recall", "message_id": ack["message_id"]})
        await talk.of_type("typing", on=False)
        await asyncio.sleep(0.3)
        await talk.send("the next one")
        await talk.message("bot", "echo: the next one")
    assert not [m for m in talk.messages if m["content"]["text"].startswith("slow")][1:]


@pytest.mark.parametrize("older_by_s", [119, 121])
def test_a_message_can_be_taken_back_for_two_minutes(older_by_s: int) -> None:
    from datetime import timedelta

    from app.chat.service import is_fresh
    from app.models import now

    assert is_fresh(now() - timedelta(seconds=older_by_s)) == (older_by_s < 120)
