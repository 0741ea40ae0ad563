"""Does a search of the knowledge find the right entry, and say nothing where there is none?

On the shop's own test questions, on stores of one whole question an entry (insurance in traditional
script, telecom, a bank), on the dialogues that the language model is tuned on (each passage an
entry, every trade in one store), and on any pair of files. Beside it in the same run: BM25 alone
(jieba, bm25s) over questions and answers, and the encoder's vectors alone (of questions, and of
questions with their answers). All answer equally many questions, each those it is surest of;
`right` is the share of these that is right, `refused` the share of unanswerable questions that is
not among them.

    python benchmarks/faq_quality.py [--entries FILE --queries FILE] [--blend FILE]
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bm25s
import jieba
import numpy as np
from numpy.typing import NDArray

from app.cli.faq_files import read_entries, read_queries
from app.cli.faq_learn import own_stores
from app.cli.settings import load_settings
from dialogue.knowledge.live import LiveKnowledge
from dialogue.knowledge.practice import Store
from dialogue.knowledge.reading.reader import Reader
from dialogue.knowledge.rows import Rows, question_rows, told_rows
from dialogue.knowledge.score import load_blend
from dialogue.knowledge.text import has_han, plain
from nlu.engine import Engine
from nlu.types import Language

SHOP_QUERIES = Path("bots/shop/eval/faq_queries.jsonl")
FloatArray = NDArray[np.floating[Any]]
Found = tuple[list[str], FloatArray]
"""The best entry of each query, and how sure that is."""


def words_alone(store: Store) -> Found:
    rows = told_rows(store.entries)
    rows = rows if rows.texts else question_rows(store.entries)
    engine = bm25s.BM25()
    engine.index([jieba.lcut(text) for text in rows.texts], show_progress=False)
    ids, sure = [], []
    for query, _ in store.queries:
        cut = [word for word in jieba.lcut(plain(query)) if word in engine.vocab_dict]
        scores = engine.get_scores(cut) if cut else np.zeros(len(rows.texts))
        ids.append(store.entries[rows.owner[int(scores.argmax())]].id)
        sure.append(float(scores.max()))
    return ids, np.array(sure)


async def vectors_alone(store: Store, asked: FloatArray, engine: Engine, rows: Rows) -> Found:
    near = asked @ np.asarray(await engine.embed(rows.texts, passages=True)).T
    ids = [store.entries[rows.owner[place]].id for place in near.argmax(axis=1)]
    return ids, near.max(axis=1)


async def ours(store: Store, asked: FloatArray, knowledge: LiveKnowledge) -> tuple[Found, int]:
    """Also how many it answers by its own threshold."""
    await knowledge.replace(store.entries)
    ids, sure, answered = [], [], 0
    for (query, _), vector in zip(store.queries, asked, strict=True):
        language: Language = "zh" if has_han(query) else "en"
        found = await knowledge.search(query, language=language, vector=vector, limit=1)
        ids.append(found.best.entry.id if found.best else "")
        sure.append(found.best.score if found.best else 0.0)
        answered += found.verdict == "answer"
    return (ids, np.array(sure)), answered


def show(name: str, found: Found, queries: Sequence[tuple[str, str | None]], answered: int) -> None:
    ids, sure = found
    right = np.array([one == wanted for one, (_, wanted) in zip(ids, queries, strict=True)])
    known = np.array([wanted is not None for _, wanted in queries])
    given = np.zeros(len(ids), dtype=np.bool_)
    given[np.argsort(-sure, kind="stable")[:answered]] = True
    refused = f"{np.mean(~given[~known]):.3f}" if (~known).any() else "-"
    print(
        f"  {name:22} P@1 {right[known].mean():.3f}   answered {given.mean():.3f}, "
        f"of it right {right[given].mean():.3f}   refused {refused}"
    )


async def run(stores: Sequence[Store], blend: Path | None) -> None:
    settings = load_settings()
    engine = Engine.load(None, settings.encoder_folder, threads=settings.inference_threads)
    await engine.start()
    try:
        for store in stores:
            texts = [plain(query) or " " for query, _ in store.queries]
            asked = np.asarray(await engine.embed(texts))
            found, answered = await ours(
                store,
                asked,
                LiveKnowledge(engine, blend=load_blend(blend), reader=Reader.load(engine)),
            )
            print(f"{store.name}: {len(store.entries)} entries, {len(texts)} questions")
            show("ours", found, store.queries, answered)
            show("BM25 alone", words_alone(store), store.queries, answered)
            for name, rows in (
                ("vectors of questions", question_rows(store.entries)),
                ("vectors with answers", told_rows(store.entries)),
            ):
                if rows.texts:
                    near = await vectors_alone(store, asked, engine, rows)
                    show(name, near, store.queries, answered)
    finally:
        await engine.close()


def read_store(entries: Path, queries: Path) -> Store:
    known = read_entries(entries)
    asked = read_queries(queries, {entry.id for entry in known})
    return Store(entries.stem, known, [(query.text, query.entry) for query in asked])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=Path)
    parser.add_argument("--queries", type=Path)
    parser.add_argument("--blend", type=Path)
    arguments = parser.parse_args()
    if arguments.entries and arguments.queries:
        stores = [read_store(arguments.entries, arguments.queries)]
    else:
        shop, *others = own_stores(load_settings())
        asked = read_queries(SHOP_QUERIES, {entry.id for entry in shop.entries})
        stores = [Store("shop", shop.entries, [(q.text, q.entry) for q in asked]), *others]
    asyncio.run(run(stores, arguments.blend))


if __name__ == "__main__":
    main()
