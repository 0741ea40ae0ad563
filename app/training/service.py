"""What the bot understands, and its models: trained, judged, compared, put live, taken back."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from app.audit import record
from app.auth.service import AgentIdentity
from app.config import Settings
from app.db import Database
from app.desk.service import DeskTools
from app.errors import Conflict, NotFound, Refused
from app.models import new_id, now
from app.training.folders import ModelFolders
from app.training.runner import Runner
from app.training.schemas import (
    About,
    AnswerOut,
    BotOut,
    CompareOut,
    LabelOut,
    RunOut,
    TrainRequest,
)
from dialogue.project.load import load_project
from nlu.artifact import ModelError
from nlu.data.load import load_files
from nlu.types import DEFAULT_MODEL, ModelHost

MAX_ANSWERS = 200

log = structlog.get_logger(__name__)


class TrainingService:
    def __init__(
        self, settings: Settings, database: Database, desk: DeskTools, engine: ModelHost | None
    ) -> None:
        self._settings = settings
        self._database = database
        self._desk = desk
        self._engine = engine
        self._folders = ModelFolders(settings.nlu_model)
        self._runner = Runner()
        self._swapping = asyncio.Lock()

    async def overview(self) -> BotOut:
        live = self._engine.models.get(DEFAULT_MODEL, "") if self._engine else ""
        labels = await asyncio.to_thread(_labels, self._settings.bot)
        models = await asyncio.to_thread(self._folders.all, live)
        return BotOut(name=self._settings.bot.name, models=models, run=self._runner.run, **labels)

    async def train(self, agent: AgentIdentity, body: TrainRequest) -> RunOut:
        """Raises `Busy`."""
        self._runner.check_free()
        name = f"{now():%Y%m%d-%H%M%S}-{new_id()[-6:]}"
        out = await asyncio.to_thread(self._folders.fresh, name)
        arguments = ["candidate", "--bot", str(self._settings.bot), "--out", str(out)]
        arguments += ["--profile", body.profile]
        if body.corrections:
            text = await self._database.read(self._desk.corrections.training_data)
            extra = out.with_name("corrections.yml")  # one run at a time, one file
            await asyncio.to_thread(extra.write_text, text, encoding="utf-8")
            arguments += ["--extra", str(extra)] if "intent:" in text else []
        about = About(
            made_by=agent.name,
            made_at=now(),
            profile=body.profile,
            corrections=body.corrections,
        )

        async def finish() -> None:
            await asyncio.to_thread(self._folders.note, name, about)

        run = _run("train", name, agent)
        self._runner.start(run, arguments, finish)
        await self._database.write(
            lambda s: record(s, agent.id, "model_training_started", name, {"profile": body.profile})
        )
        return run

    async def judge(self, agent: AgentIdentity, name: str) -> RunOut:
        """Raises `NotFound`, `Busy`."""
        folder = self._folders.folder(name)
        arguments = ["held-out", "--bot", str(self._settings.bot), "--model", str(folder)]
        run = _run("judge", name, agent)
        self._runner.start(run, arguments, partial(asyncio.sleep, 0))
        return run

    async def put_live(self, agent: AgentIdentity, name: str) -> BotOut:
        """Swap it in without a dropped request, and for the next start. Raises `NotFound`."""
        if self._engine is None:
            raise NotFound()
        folder = self._folders.folder(name)
        async with self._swapping:
            await asyncio.to_thread(self._folders.keep_served)
            try:
                await self._engine.swap(folder)
            except (ModelError, OSError, ValueError, KeyError) as error:
                log.warning("model_refused", folder=str(folder), reason=str(error))
                raise Refused("bad_model", name=name) from None
            await asyncio.to_thread(self._folders.serve_from_now_on, name)
        await self._database.write(lambda s: record(s, agent.id, "model_put_live", name))
        return await self.overview()

    def compare(self, left: str, right: str) -> CompareOut:
        """Raises `NotFound`; `Conflict` where one is not judged yet. Blocking."""
        one, two = self._folders.judged(left), self._folders.judged(right)
        if one is None or two is None:
            raise Conflict("model_not_judged")
        was = {answer["text"]: answer for answer in one["answers"]}
        found = CompareOut(
            left=one["figures"], right=two["figures"], better=[], worse=[], changed=[]
        )
        for answer in two["answers"]:
            before = was.get(answer["text"])
            if before is None or before["said"] == answer["said"]:
                continue
            rows = (
                found.better
                if answer["said"] == answer["expected"]
                else found.worse
                if before["said"] == answer["expected"]
                else found.changed
            )
            if len(rows) < MAX_ANSWERS:
                rows.append(_answer(before, answer))
        return found

    async def stop(self) -> None:
        await self._runner.stop()


def _run(kind: Any, name: str, agent: AgentIdentity) -> RunOut:
    return RunOut(
        kind=kind,
        model=name,
        by=agent.name,
        began_at=now(),
        state="running",
        stage="starting",
        done=0,
        total=1,
        figures={},
        words="",
    )


def _answer(before: dict[str, Any], after: dict[str, Any]) -> AnswerOut:
    return AnswerOut(
        text=after["text"],
        expected=after["expected"],
        left=before["said"],
        right=after["said"],
        left_confidence=before["confidence"],
        right_confidence=after["confidence"],
    )


def _labels(bot: Path) -> dict[str, Any]:
    """Intents and entities of the project's examples, with how many each has."""
    examples = load_files(load_project(bot).training_files).examples
    intents = Counter(example.intent for example in examples if example.intent)
    entities = Counter(entity.entity for example in examples for entity in example.entities or ())
    return {
        "intents": [LabelOut(name=n, examples=c) for n, c in intents.most_common()],
        "entities": [LabelOut(name=n, examples=c) for n, c in entities.most_common()],
        "examples": len(examples),
    }
