"""A customer without a browser: a socket, and all that it heard."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from websockets.sync.client import ClientConnection, connect


class Customer:
    """What was heard stays until it is asked for: a reply may come before its acknowledgement."""

    def __init__(self, socket: ClientConnection, token: str, language: str) -> None:
        self.socket = socket
        self.heard: list[str] = []
        self._unasked: list[str] = []
        self.emit(type="hello", token=token, language=language)
        self.hear('"welcome"')

    def emit(self, **event: object) -> None:
        self.socket.send(json.dumps(event))

    def say(self, text: str) -> None:
        self.emit(type="send", client_msg_id=secrets.token_hex(8), content={"text": text})
        self.hear('"ack"')

    def hear(self, *parts: str) -> None:
        while True:
            found = next((one for one in self._unasked if all(p in one for p in parts)), None)
            if found is not None:
                self._unasked.remove(found)
                return
            self.heard.append(str(self.socket.recv(timeout=60)))
            self._unasked.append(self.heard[-1])


@contextmanager
def arrived(base: str, name: str, language: str = "en") -> Iterator[Customer]:
    who = {"name": name, "language": language}
    session = httpx.post(f"{base}/api/visitor/session", json=who, timeout=60)
    address = f"{base.replace('http', 'ws', 1)}/ws"
    with connect(address, origin=base) as socket:  # type: ignore[arg-type]
        yield Customer(socket, session.json()["token"], language)
