"""What the reader learns from: questions, entries that answer them, and near ones that do not.

The hardest no is an entry on the very subject that does not say what is asked: the written ones, the
dialogues' unknown questions, and entries from which the sentence that answered has been taken.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from rapidfuzz import fuzz

from dialogue.generate.tune.scenes import Note, Scene, Turn
from dialogue.knowledge.practice import Query, Store
from dialogue.knowledge.text import has_han, plain
from dialogue.knowledge.types import Entry
from nlu.types import Embedder, Language

DATA = Path(__file__).parent / "data"
PARTS = 3
"""Trades and written entries are shared out among so many: what each network has not seen."""
NEAR = 5
FAR = 3
LEAST_LEFT = 6
"""Characters that an entry must keep when its answering sentence is taken away."""
LEAST_LIKENESS = 60.0
MOST_OF_INTENT = 12
PHRASINGS_SHARE = 0.4
_VERDICT = re.compile(
    r"^(?:(?:Yes|No)[,.] "
    r"|(?:不能|能|不可以|可以|不是|是的|是|不会|会|没有|有|不行|行|不需要|需要|不用|不对|对|不送)，)"
)
_SENTENCE = re.compile(r"(?<=[。；])|(?<=[.;!?])\s")
_DOUBLED = re.compile(r"([。，；,.;])\s*[，。；,.;]+")
_EDGE = re.compile(r"^[，。；,.;\s]+")


@dataclass(frozen=True, slots=True)
class Lesson:
    """A question and entries as they are read (`reader.told`)."""

    question: str
    right: tuple[str, ...]
    """Each answers it; none where nothing does."""
    without: str = ""
    """The right one without what answered."""
    near: tuple[str, ...] = ()
    """On the subject, and no answer."""
    far: tuple[str, ...] = ()
    share: float = 1.0
    """Of the passes in which it is read."""
    part: int | None = None
    """None: every network learns it."""


class Written(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    answer: str
    asks: list[str]
    lacks: list[str]
    """Asked on the same subject; the entry does not say."""

    @property
    def text(self) -> str:
        return plain(f"{self.title} {self.answer}")

    @property
    def part(self) -> int:
        return part_of(self.title)


def written(folder: Path = DATA) -> list[list[Written]]:
    """By file: one language, one kind of entries."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yml"))]
    return [[Written.model_validate(row) for row in yaml.safe_load(text)] for text in texts]


def written_lessons(rng: random.Random) -> Iterator[Lesson]:
    for rows in written():
        for row in rows:
            others = [one.text for one in rng.sample(rows, FAR + 1) if one is not row]
            far = tuple(others[:FAR])
            for ask in row.asks:
                yield Lesson(ask, (row.text,), far=far, part=row.part)
            for lack in row.lacks:
                yield Lesson(lack, (), near=(row.text,), far=far, part=row.part)


def written_store(language: Language, part: int) -> Store:
    """All of them as a store, each with all but one of its phrasings, and what asks of a part."""
    entries = list[Entry]()
    queries: list[Query] = []
    for row in (
        row for rows in written() for row in rows if has_han(row.answer) == (language == "zh")
    ):
        known = (row.title, *row.asks[:-1])
        entries.append(Entry(f"written-{len(entries)}", known, {language: row.answer}))
        if row.part == part:
            queries += [(row.asks[-1], entries[-1].id), *((text, None) for text in row.lacks)]
    return Store(f"written-{language}", entries, queries)


def part_of(name: str) -> int:
    return hashlib.sha256(name.encode()).digest()[0] % PARTS


def subject(scene: Scene) -> str:
    """``gym`` of ``zh-gym-03``."""
    return scene.trade.partition("-")[2]


async def scene_lessons(scenes: Sequence[Scene], embedder: Embedder) -> list[Lesson]:
    lessons = []
    for language in ("zh", "en"):
        mine = [scene for scene in scenes if scene.language == language]
        notes = [(scene, note) for scene in mine for note in scene.passages]
        asked = [(s, turn) for s in mine for turn in s.turns if not turn.after and _known(turn)]
        rows = await embedder.embed([_read(note) for _, note in notes], passages=True)
        likeness = await embedder.embed([plain(turn.ask) for _, turn in asked]) @ rows.T
        for (scene, turn), near in zip(asked, likeness, strict=True):
            lessons.append(_of_turn(scene, turn, [notes[at] for at in np.argsort(-near)]))
    return lessons


def _known(turn: Turn) -> bool:
    return turn.kind != "clarify"


def _of_turn(scene: Scene, turn: Turn, ordered: Sequence[tuple[Scene, Note]]) -> Lesson:
    cited = set(turn.cited) if turn.kind == "answer" else set()
    right = [note for at, note in enumerate(scene.passages) if at in cited]
    near = [note for at, note in enumerate(scene.passages) if at not in cited]
    others = [(o, note) for o, note in ordered if o.id != scene.id]
    if right:  # a question without an answer here may have one in another scene of the trade
        near += [note for other, note in others if other.trade == scene.trade][:NEAR]
    far = [note for other, note in others if other.trade != scene.trade][:FAR]
    return Lesson(
        turn.ask,
        tuple(_read(note) for note in right),
        _without(right[0], turn.text) if len(right) == 1 else "",
        tuple(_read(note) for note in near),
        tuple(_read(note) for note in far),
        part=part_of(subject(scene)),
    )


def _read(note: Note) -> str:
    return plain(f"{note.title} {note.text}")


def _without(note: Note, reply: str) -> str:
    """The note without the words that answered; empty where that leaves nothing, or takes nothing."""
    said = _VERDICT.sub("", reply).rstrip("。.!！").strip()
    at = note.text.lower().find(said.lower())
    if at >= 0:
        left = note.text[:at] + note.text[at + len(said) :]
    else:
        parts = [part for part in _SENTENCE.split(note.text) if part.strip()]
        alike = [fuzz.partial_ratio(plain(said), plain(part)) for part in parts]
        best = int(np.argmax(alike))
        if alike[best] < LEAST_LIKENESS:
            return ""
        joint = "" if has_han(note.text) else " "
        left = joint.join(part for number, part in enumerate(parts) if number != best)
    left = _EDGE.sub("", _DOUBLED.sub(r"\1", left)).strip()
    return plain(f"{note.title} {left}") if len(left) >= LEAST_LEFT else ""


async def store_lessons(store: Store, embedder: Embedder) -> list[Lesson]:
    """A store's own questions; without any, each phrasing asks in turn, beside the others."""
    queries = list(store.queries) or [(q, e.id) for e in store.entries for q in e.questions]
    phrasings = [(n, plain(q)) for n, e in enumerate(store.entries) for q in e.questions]
    owner = np.array([number for number, _ in phrasings])
    rows = await embedder.embed([text for _, text in phrasings], passages=True)
    likeness = await embedder.embed([plain(text) for text, _ in queries]) @ rows.T
    lessons = []
    for (text, wanted), near in zip(queries, likeness, strict=True):
        language: Language = "zh" if has_han(text) else "en"
        ranked = list(dict.fromkeys(owner[np.argsort(-near)].tolist()))[: NEAR + 1]
        others = [e for at in ranked if (e := store.entries[at]).id != wanted]
        right = [e for e in store.entries if e.id == wanted]
        if right and text in right[0].titles.values():
            continue  # it would read itself
        lessons.append(
            Lesson(
                text,
                tuple(one for entry in right for one in _told(entry, text, language)),
                near=tuple(_told(entry, "", language)[0] for entry in others[:NEAR]),
                share=1.0 if store.queries else PHRASINGS_SHARE,
            )
        )
    return lessons


def _told(entry: Entry, asked: str, language: Language) -> list[str]:
    """The entry under its title, and under another phrasing than the one that asks."""
    answer = entry.answer(language)
    own = [q for q in entry.questions if q != asked and has_han(q) == (language == "zh")]
    titles = dict.fromkeys([entry.title(language), *own[:2]])
    return [plain(f"{title} {answer}") for title in titles]


def pair_lessons(path: Path, count: int, rng: random.Random) -> list[Lesson]:
    """From messages labelled with intents, JSON lines: one of the same intent, some of near ones."""
    by: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        by.setdefault(str(row["intent"]), []).append(str(row["text"]))
    by = {name: rng.sample(texts, min(len(texts), MOST_OF_INTENT)) for name, texts in by.items()}
    names = [name for name, texts in by.items() if len(texts) > 1]
    lessons = []
    for _ in range(count):
        name = rng.choice(names)
        asks, is_like = rng.sample(by[name], 2)
        words = set(name.split("_"))
        near = [one for one in names if one != name and words & set(one.split("_"))] or names
        others = [plain(rng.choice(by[rng.choice(near)])) for _ in range(TOGETHER)]
        wrong = tuple(text for text in others if text not in {plain(one) for one in by[name]})
        lessons.append(Lesson(asks, (plain(is_like),), near=wrong))
    return lessons


def texts_of(lessons: Sequence[Lesson]) -> list[str]:
    found = [(*x.right, x.without, *x.near, *x.far) for x in lessons]
    return list(dict.fromkeys(text for texts in found for text in texts if text))


States = NDArray[np.float16]
Rows = list[tuple[str, bool]]
"""Entries' texts of one question, and whether each answers it."""
TOGETHER = 3


def drawn(lesson: Lesson, rng: random.Random) -> Rows:
    """A few of a lesson's entries: one that answers, and hard ones that do not."""
    rows: Rows = [(rng.choice(lesson.right), True)] if lesson.right else []
    if lesson.without and rng.random() < 0.7:
        rows.append((lesson.without, False))
    near, far = list(lesson.near), list(lesson.far)
    rng.shuffle(near)
    rng.shuffle(far)
    return [*rows, *((text, False) for text in (near + far)[: TOGETHER - len(rows)])]
