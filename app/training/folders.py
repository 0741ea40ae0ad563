"""Trained models on disk: each in a folder of its own, and the one that serves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.errors import NotFound
from app.training.schemas import About, ModelOut
from nlu.artifact import ModelError, read_card, replacing

ABOUT = "about.json"
JUDGED = "judged.json"
PROJECT = "bot project"


class ModelFolders:
    """`served` is what a start loads; the others lie in `versions` beside it."""

    def __init__(self, served: Path) -> None:
        self._served = served
        self._versions = served.parent / "versions"

    def folder(self, name: str) -> Path:
        """Raises `NotFound`; names are those of folders that are there, never paths."""
        if name not in self._names():
            raise NotFound("model_version_not_found", id=name)
        return self._versions / name

    def fresh(self, name: str) -> Path:
        self._versions.mkdir(parents=True, exist_ok=True)
        return self._versions / name

    def note(self, name: str, about: About) -> None:
        (self._versions / name / ABOUT).write_text(about.model_dump_json(), encoding="utf-8")

    def all(self, live: str) -> list[ModelOut]:
        """Newest first; `live` is the id of the model that serves."""
        self.keep_served()
        found = [self._shown(name, live) for name in self._names()]
        return sorted(found, key=lambda model: model.about.made_at, reverse=True)

    def keep_served(self) -> None:
        """A model that came another way, e.g. by `lingxi train`, gets a folder to come back to."""
        try:
            card = read_card(self._served)
        except ModelError:
            return
        known = {read_card(self._versions / name).model_id for name in self._names()}
        if card.model_id in known:
            return
        target = self.fresh(card.model_id)
        with replacing(target) as scratch:
            shutil.copytree(self._served, scratch, dirs_exist_ok=True)
        made_at = datetime.fromtimestamp((self._served / "model.json").stat().st_mtime, UTC)
        profile = "best" if card.profile == "best" else "fast"
        about = About(made_by=PROJECT, made_at=made_at, profile=profile, corrections=False)
        self.note(card.model_id, about)

    def serve_from_now_on(self, name: str) -> None:
        """What a start loads is this model, complete at every moment."""
        with replacing(self._served) as scratch:
            ours = shutil.ignore_patterns(ABOUT, JUDGED)
            shutil.copytree(self.folder(name), scratch, dirs_exist_ok=True, ignore=ours)

    def judged(self, name: str) -> Mapping[str, Any] | None:
        file = self.folder(name) / JUDGED
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None

    def _names(self) -> list[str]:
        """Only finished ones: what is being trained has no note yet."""
        return sorted(path.parent.name for path in self._versions.glob(f"*/{ABOUT}"))

    def _shown(self, name: str, live: str) -> ModelOut:
        card = read_card(self._versions / name)
        text = (self._versions / name / ABOUT).read_text(encoding="utf-8")
        judged = self.judged(name)
        return ModelOut(
            id=name,
            model_id=card.model_id,
            about=About.model_validate_json(text),
            intents=len(card.intents),
            entities=len({label.entity for label in card.entity_labels}),
            live=card.model_id == live,
            figures=judged["figures"] if judged else None,
        )
