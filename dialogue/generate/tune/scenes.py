"""The dialogues that the local model is tuned on: read, and checked on the way."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from dialogue.generate.marks import Kind
from nlu.types import Language

FOLDER = Path(__file__).parent / "data"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CITED = re.compile(r"\[(\d)\]")
DEV_SHARE = 12
"""Of so many scenes one is held out."""


class SceneError(ValueError):
    """A file of scenes is not what it should be; the message says where and how."""


class Noted(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Note(Noted):
    title: str
    text: str


class Turn(Noted):
    ask: str
    kind: Kind
    reply: str = ""
    after: list[tuple[Literal["customer", "bot"], str]] = []

    @property
    def cited(self) -> list[int]:
        """The passages it rests on, from 0."""
        return [int(number) - 1 for number in _CITED.findall(self.reply)]

    @property
    def text(self) -> str:
        return " ".join(_CITED.sub("", self.reply).split())


class Scene(Noted):
    id: str
    language: Language
    passages: list[Note]
    turns: list[Turn]

    @model_validator(mode="after")
    def _cites_what_is_there(self) -> Scene:
        for turn in self.turns:
            cited = turn.cited
            if turn.kind == "answer" and not (
                cited and turn.text and max(cited) < len(self.passages)
            ):
                raise ValueError(
                    f"{self.id}, “{turn.ask}”: expected a reply that cites one of "
                    f"{len(self.passages)} passages, got “{turn.reply}”"
                )
        return self

    @property
    def trade(self) -> str:
        """``zh-gym`` of ``zh-gym-03``."""
        return self.id.rpartition("-")[0]

    @property
    def place(self) -> int:
        """By its id alone, so that it is held out, or not, whatever is added."""
        return int.from_bytes(hashlib.sha256(self.id.encode()).digest()[:1])


def load_scenes(folder: Path = FOLDER) -> list[Scene]:
    """All scenes of a folder's YAML files. Raises `SceneError`."""
    scenes = [scene for path in scene_files(folder) for scene in _scenes(path)]
    if not scenes:
        raise SceneError(f"{folder}: expected *.yml files with scenes, found none")
    twice = {s.id for s in scenes if sum(o.id == s.id for o in scenes) > 1}
    if twice:
        raise SceneError(f"{folder}: ids used twice: {', '.join(sorted(twice))}")
    return scenes


def scene_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yml"))


def digest(folder: Path) -> str:
    """Of all the data, for the adapter's card."""
    found = hashlib.sha256()
    for path in scene_files(folder):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def split(scenes: Sequence[Scene]) -> tuple[list[Scene], list[Scene]]:
    """Those to learn from, and those held out: one at least. Raises `SceneError` for a single one."""
    if len(scenes) < 2:
        raise SceneError(f"expected two scenes or more, one of them to judge by, got {len(scenes)}")
    held = {s.id for s in scenes if s.place % DEV_SHARE == 0}
    held = held or {min(scenes, key=lambda scene: scene.place).id}
    return [s for s in scenes if s.id not in held], [s for s in scenes if s.id in held]


def _scenes(path: Path) -> Iterator[Scene]:
    try:
        rows = yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # noqa: S506  a safe one
    except yaml.YAMLError as error:
        raise SceneError(f"{path}: not YAML: {error}") from None
    if not isinstance(rows, list):
        raise SceneError(f"{path}: expected a list of scenes, got {type(rows).__name__}")
    for number, row in enumerate(rows, start=1):
        try:
            yield Scene.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            name = row.get("id", number) if isinstance(row, dict) else number
            raise SceneError(f"{path}: scene {name}: {place} {first['msg']}") from None
