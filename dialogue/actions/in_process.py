"""Runs a bot's own ``actions/`` with rasa-sdk's executor, in this process.

Coroutines run on one loop in a thread of its own, plain functions in a small pool, so that an
action that blocks holds up neither the gateway nor the other conversations. A loop that stops
answering is left behind and replaced.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from dialogue.actions.types import ActionFailedError, ActionRejectedError, ActionResult
from dialogue.actions.wire import action_call, result_of

POOL_SIZE = 8
MAX_STUCK_LOOPS = 8
_RESPONSIVE_S = 0.5


class ActionsImportError(Exception):
    """The bot's actions cannot be imported; the text says why."""


class _BotExecutor(ActionExecutor):  # type: ignore[misc]
    """rasa-sdk registers every subclass in the process; a bot gets only its own."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root.resolve()

    def register_action(self, action: Any) -> None:
        cls = action if inspect.isclass(action) else type(action)
        module = sys.modules.get(cls.__module__)
        if module is None or getattr(module, cls.__name__, None) is not cls:
            return  # of a module that was loaded before and has been replaced
        try:
            file = Path(inspect.getfile(cls)).resolve()
        except (TypeError, OSError):
            return
        if file.is_relative_to(self._root):
            super().register_action(action)


@contextmanager
def _importing_from(root: Path) -> Iterator[None]:
    """Let ``actions`` mean this bot's; another bot's package of that name makes way."""
    for name in [n for n in sys.modules if n == "actions" or n.startswith("actions.")]:
        del sys.modules[name]
    sys.path.insert(0, str(root.resolve()))
    try:
        yield
    finally:
        sys.path.remove(str(root.resolve()))


def load_executor(root: Path) -> ActionExecutor:
    """rasa-sdk's executor with the actions of the bot in `root`.

    Raises `ActionsImportError` when its code cannot be imported.
    """
    executor = _BotExecutor(root)
    with _importing_from(root):
        try:
            executor.register_package("actions")
        except SystemExit as error:  # rasa-sdk's way to say ImportError
            cause = error.__context__ or error
            raise ActionsImportError(f"{type(cause).__name__}: {cause}") from error
        except Exception as error:
            raise ActionsImportError(f"{type(error).__name__}: {error}") from error
    return executor


class _LoopThread:
    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="actions", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def submit(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    async def responsive(self) -> bool:
        answered = threading.Event()
        self.loop.call_soon_threadsafe(answered.set)
        return await asyncio.to_thread(answered.wait, _RESPONSIVE_S)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)


class InProcessActions:
    """`ActionRunner` over rasa-sdk's executor."""

    def __init__(self, executor: ActionExecutor, *, timeout_s: float = 10.0) -> None:
        self._executor = executor
        self._timeout_s = timeout_s
        self._pool = ThreadPoolExecutor(POOL_SIZE, thread_name_prefix="action")
        self._busy = 0
        self._loop = _LoopThread()
        self._stuck = 0

    @classmethod
    def of_bot(cls, root: Path, *, timeout_s: float = 10.0) -> InProcessActions:
        return cls(load_executor(root), timeout_s=timeout_s)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._executor.actions)

    async def run(
        self, name: str, tracker: Mapping[str, Any], domain: Mapping[str, Any]
    ) -> ActionResult:
        function = self._executor.actions.get(name)
        if function is None:
            raise ActionFailedError(name, "unknown", "no such action in the bot's actions")
        call = action_call(name, tracker, domain, "in-process")
        future = self._start(name, function, call)
        try:
            async with asyncio.timeout(self._timeout_s):
                result = await asyncio.wrap_future(future)
        except TimeoutError:
            future.cancel()
            await self._replace_stuck_loop()
            raise ActionFailedError(
                name, "timeout", f"not done after {self._timeout_s:g} s"
            ) from None
        except ActionExecutionRejection as error:
            raise ActionRejectedError(name, str(error)) from error
        except ActionNotFoundException as error:
            raise ActionFailedError(name, "unknown", str(error)) from error
        except asyncio.CancelledError:
            future.cancel()
            raise
        except Exception as error:
            raise ActionFailedError(name, "raised", f"{type(error).__name__}: {error}") from error
        return result_of(name, result.events, result.responses) if result else ActionResult()

    def _start(self, name: str, function: Any, call: dict[str, Any]) -> Future[Any]:
        if inspect.iscoroutinefunction(function):
            return self._loop.submit(self._run(call))
        if self._busy >= POOL_SIZE:
            raise ActionFailedError(name, "unavailable", f"{POOL_SIZE} actions are running")
        self._busy += 1
        future = self._pool.submit(lambda: asyncio.run(self._run(call)))
        future.add_done_callback(self._done)
        return future

    async def _run(self, call: dict[str, Any]) -> Any:
        """An action that calls ``exit()`` would end the server otherwise."""
        try:
            return await self._executor.run(call)
        except SystemExit as error:
            raise RuntimeError(f"exit({error.code}) was called") from error

    def _done(self, _: Future[Any]) -> None:
        self._busy -= 1

    async def _replace_stuck_loop(self) -> None:
        if self._stuck < MAX_STUCK_LOOPS and not await self._loop.responsive():
            self._stuck += 1
            self._loop.stop()
            self._loop = _LoopThread()

    async def close(self) -> None:
        self._loop.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)
