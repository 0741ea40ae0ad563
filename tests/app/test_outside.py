"""What the server reaches at somebody's word lies outside, whatever its name is turned into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpcore
import pytest
from app_receiver import Receiver

from app.outside import PinnedBackend, is_public
from app.webhooks.sender import Sender

PUBLIC = "93.184.216.34"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)
def test_inside_addresses_in_every_way_to_write_them(address: str) -> None:
    assert not is_public(address)


def test_outside_addresses() -> None:
    assert is_public(PUBLIC)
    assert is_public("2606:2800:220:1:248:1893:25c8:1946")
    assert is_public(f"::ffff:{PUBLIC}")


class Recorder(httpcore.AsyncNetworkBackend):
    """Connects nowhere, and keeps where it should have."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def connect_tcp(self, host: str, *_args: Any, **_more: Any) -> Any:
        self.asked.append(host)
        raise httpcore.ConnectError("nobody there")

    async def sleep(self, seconds: float) -> None:
        return


async def test_a_name_that_changes_its_answer_never_leads_inside() -> None:
    """DNS rebinding: what was looked at is what is connected to."""
    answers = [[PUBLIC], ["127.0.0.1"], [PUBLIC, "10.0.0.1"]]
    recorder = Recorder()

    async def resolve(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    sender = Sender(PinnedBackend(frozenset(), resolve, recorder))
    outcome = await sender.post("https://rebinding.example/", {}, b"{}")
    assert outcome.error == "address_inside"
    assert (await sender.post("https://rebinding.example/", {}, b"{}")).error == "address_inside"
    assert recorder.asked == [PUBLIC], "an address, not the name, and no other"


async def test_a_real_host_inside_is_not_reached_by_a_name(receiver: Receiver) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    port = receiver.url.rsplit(":", 1)[1]
    sender = Sender(PinnedBackend(frozenset(), resolve))
    assert (await sender.post(f"http://out.example:{port}", {}, b"")).error == "address_inside"
    known = Sender(PinnedBackend(frozenset({"out.example"}), resolve))
    assert (await known.post(f"http://out.example:{port}", {}, b"")).delivered
    assert len(receiver.heard) == 1
    for each in (sender, known):
        await each.close()


async def test_an_attempt_is_bounded_in_time_and_size(receiver: Receiver) -> None:
    sender = Sender(PinnedBackend(frozenset({"127.0.0.1"})), answer_s=1.0)
    receiver.answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n..."
    assert (await sender.post(receiver.url, {}, b"{}")).delivered, "the rest is not read"
    receiver.answer = b""
    assert (await sender.post(receiver.url, {}, b"{}")).error == "no_answer"
    receiver.answer = b"nonsense\r\n\r\n"
    assert (await sender.post(receiver.url, {}, b"{}")).error == "not_reached"
    await sender.close()


# --- the outbox -----------------------------------------------------------------------------
