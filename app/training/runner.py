"""One training or judgement at a time, in a process of its own, at low priority."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import orjson
import structlog

from app.errors import Busy
from app.training.schemas import RunOut

COMMAND = ("nice", "-n", "10", sys.executable, "-c", "from app.cli import main; main()")
LAST_LINES = 12
MAX_WORDS = 600

log = structlog.get_logger(__name__)
Finish = Callable[[], Awaitable[None]]


class Runner:
    """Owns the process, so that a stop of the server ends it too."""

    def __init__(self) -> None:
        self.run: RunOut | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, run: RunOut, arguments: Sequence[str], finish: Finish) -> None:
        """Begin `lingxi nlu ARGUMENTS`; `finish` follows where it ends well. Raises `Busy`."""
        self.check_free()
        self.run = run
        self._task = asyncio.create_task(self._watch(run, arguments, finish), name="training")

    def check_free(self) -> None:
        if self._task is not None and not self._task.done():
            raise Busy("training_running", retry_after_s=30)

    async def stop(self) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self, run: RunOut, arguments: Sequence[str], finish: Finish) -> None:
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            "nlu",
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            said = asyncio.create_task(_last_lines(process.stderr))
            async for line in _lines(process.stdout):
                _take(run, line)
            if await process.wait() == 0:
                await finish()
                run.state = "done"
            else:
                run.state, run.words = "failed", (await said)[-MAX_WORDS:]
        except asyncio.CancelledError:
            run.state = "stopped"
            raise
        except Exception:
            log.exception("training_failed", model=run.model)
            run.state = "failed"
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def _take(run: RunOut, line: bytes) -> None:
    """A line of progress; what else is printed says nothing to us."""
    try:
        step = orjson.loads(line)
        run.stage, run.done, run.total = step["stage"], step["done"], step["total"]
        run.figures = step["figures"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return


async def _lines(stream: asyncio.StreamReader | None) -> AsyncIterator[bytes]:
    if stream is not None:
        async for line in stream:
            yield line


async def _last_lines(stream: asyncio.StreamReader | None) -> str:
    kept: deque[str] = deque(maxlen=LAST_LINES)
    async for line in _lines(stream):
        kept.append(line.decode("utf-8", "replace").rstrip())
    return "\n".join(kept)
