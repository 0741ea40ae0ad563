"""``lingxi faq learn-reader``: what reads a question and the entries found for it, learnt anew."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.faq_learn import asked_in, own_stores
from app.cli.settings import load_settings
from app.config import Settings
from nlu.types import Language

if TYPE_CHECKING:
    from dialogue.knowledge.practice import Store
    from dialogue.knowledge.reading.learn import Seen
    from dialogue.knowledge.reading.lessons import Lesson
    from dialogue.knowledge.reading.network import Network
    from nlu.engine import Engine

LANGUAGES: tuple[Language, ...] = ("zh", "en")
PAIRS = 450
"""Lessons of each set of labelled messages."""


def learn_reader(
    out: Annotated[Path, typer.Option(help="The reader's folder.")],
    pairs: Annotated[
        list[Path] | None,
        typer.Argument(help='Labelled messages, JSON lines: {"text", "intent"}.'),
    ] = None,
    refused: Annotated[
        float, typer.Option(min=0.5, max=1.0, help="Of the questions that nothing answers.")
    ] = 0.95,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over all lessons.")] = 5,
    seed: Annotated[int, typer.Option()] = 0,
) -> None:
    """Learn to tell entries that answer from those on the same subject that do not.

    From written entries, the shop's, stores of whole questions, and the dialogues that the language
    model is tuned on. Three networks read as one; each has not seen a third of the trades and of the
    written entries, and there its limits are chosen.
    """
    asyncio.run(_learn(load_settings(), out, pairs or [], refused, epochs, seed))


async def _learn(
    settings: Settings, out: Path, pairs: Sequence[Path], refused: float, epochs: int, seed: int
) -> None:
    from app.cli.faq import embedding
    from dialogue.knowledge.reading import learn
    from dialogue.knowledge.reading.lessons import PARTS
    from dialogue.knowledge.reading.network import Network
    from dialogue.knowledge.score import load_blend

    def tell(epoch: int, loss: float) -> None:
        typer.echo(f"pass {epoch}: loss {loss:.3f}")

    async with embedding(settings) as engine:
        lessons = await _lessons(settings, engine, pairs, seed)
        typer.echo(f"{len(lessons)} questions to learn from")
        known, spaces = await learn.embedded(lessons, engine)
        tensors = []
        for part in range(PARTS):
            mine = [lesson for lesson in lessons if lesson.part != part]
            network = await asyncio.to_thread(
                learn.learn_network, mine, known, epochs=epochs, seed=seed + part, tick=tell
            )
            tensors.append(network.tensors(spaces))
        served = [Network({n: t.astype("float32") for n, t in one.items()}) for one in tensors]
        seen = await _not_seen(settings, engine, served)
        encoder = engine.encoder_id
    limits = learn.choose_limits(list(seen.values()), load_blend().thresholds, refused)
    judged = {n: learn.judge(one, limits.answer, limits.read) for n, one in seen.items()}
    for name, figures in judged.items():
        typer.echo(f"{name}: {figures}")
    learn.save_reader(out, tensors, encoder, limits, judged)


async def _lessons(
    settings: Settings, engine: Engine, pairs: Sequence[Path], seed: int
) -> list[Lesson]:
    from dialogue.generate.tune.scenes import load_scenes
    from dialogue.knowledge.reading.lessons import (
        pair_lessons,
        scene_lessons,
        store_lessons,
        written_lessons,
    )

    rng = random.Random(seed)
    lessons = [*written_lessons(rng), *await scene_lessons(load_scenes(), engine)]
    for store in own_stores(settings):
        if not store.name.startswith("dialogues"):
            lessons += await store_lessons(store, engine)
    for path in pairs:
        lessons += pair_lessons(path, PAIRS, rng)
    return lessons


async def _not_seen(
    settings: Settings, engine: Engine, networks: Sequence[Network]
) -> dict[str, list[Seen]]:
    """What the search finds for the questions that one network has not seen, and how that reads it."""
    from dialogue.generate.tune.scenes import load_scenes
    from dialogue.knowledge.practice import Store
    from dialogue.knowledge.reading.lessons import part_of, subject, written_store

    scenes = load_scenes()
    parts = {scene.id: part_of(subject(scene)) for scene in scenes}
    found: dict[str, list[Seen]] = {}
    for language in LANGUAGES:
        found[f"written-{language}"] = []
        store = next(s for s in own_stores(settings) if s.name == f"dialogues-{language}")
        found[store.name] = []
        for part, network in enumerate(networks):
            mine = [s for s in scenes if s.language == language and parts[s.id] == part]
            asked = Store(store.name, store.entries, asked_in(mine))
            found[store.name] += await _read(asked, language, engine, network)
            asked = written_store(language, part)
            found[asked.name] += await _read(asked, language, engine, network)
    return found


async def _read(store: Store, language: Language, engine: Engine, network: Network) -> list[Seen]:
    from dialogue.knowledge.live import LiveKnowledge
    from dialogue.knowledge.reading.learn import Seen
    from dialogue.knowledge.reading.reader import Limits, Reader, is_near, told

    knowledge = LiveKnowledge(engine)
    reader = Reader([network], engine, Limits(1, 0, 0))
    await knowledge.replace(store.entries)
    seen = []
    for text, wanted in store.queries:
        found = await knowledge.search(text, language=language, limit=1)
        if (best := found.best) is None:
            continue
        (read,) = await reader.logits(text, [told(best, language)])
        right = best.entry.id == wanted
        near = is_near(best, knowledge.thresholds.answer)
        seen.append(Seen(best.score, best.is_stored, near, read, right, wanted is not None))
    return seen
