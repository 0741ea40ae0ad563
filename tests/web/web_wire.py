"""A network that can fail, and a host site that forbids nearly everything."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CHUNK_BYTES = 65_536


@dataclass
class Wire:
    """Carries TCP to the product until it is cut. `deaf`: what the server answers is lost."""

    target_port: int
    listening: socket.socket = field(default_factory=socket.socket)
    deaf: bool = False
    down: bool = False
    _open: list[socket.socket] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def start(self) -> None:
        self.listening.bind(("127.0.0.1", 0))
        self.listening.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.down = True
        for end in self._open:
            _close(end)
        self._open.clear()

    def mend(self) -> None:
        self.deaf = self.down = False

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                if self.down:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self.target_port))
                self._open += [client, server]
                threading.Thread(target=self._carry, args=(client, server), daemon=True).start()
                threading.Thread(
                    target=self._carry, args=(server, client, True), daemon=True
                ).start()

    def _carry(self, source: socket.socket, sink: socket.socket, answers: bool = False) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK_BYTES):
                if not (answers and self.deaf):
                    sink.sendall(data)
        _close(source)
        _close(sink)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def wire_to(base: str) -> Iterator[Wire]:
    wire = Wire(int(base.rsplit(":", 1)[1]))
    wire.start()
    try:
        yield wire
    finally:
        wire.cut()
        _close(wire.listening)


@contextmanager
def host_site(base: str, attributes: str = "") -> Iterator[str]:
    """A page of another site, whose policy allows the widget's script and frame alone."""
    policy = (
        f"default-src 'none'; img-src data:; script-src {base}/widget.js; frame-src {base}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    body = (
        '<!doctype html><html lang="en"><title>Host</title><link rel="icon" href="data:,">'
        '<main><h1>Somebody\'s shop</h1><p id="text">Its own words.</p></main>'
        f'<script src="{base}/widget.js" async data-language="en" {attributes}></script></html>'
    ).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        # By another name than the product's, so that the browser takes it for another site.
        yield f"http://localhost:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
