"""Tuning, on a model small enough to tune in a test, and what is served of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType, GGUFWriter, quantize

from dialogue.generate.adapter import Adapter
from dialogue.generate.convert import convert_gguf, converted
from dialogue.generate.decoder import Decoder
from dialogue.generate.gemma_file import GemmaFile, rows_of
from dialogue.generate.marks import ANSWERS, MARKS
from dialogue.generate.tune.compose import Composer, told
from dialogue.generate.tune.scenes import SceneError, load_scenes
from dialogue.generate.tune.train import Progress, TuneOptions, Tuner

SHAPE = {"hidden": 64, "inner": 96, "layers": 2, "heads": 2, "kv_heads": 1, "head": 32}
OPTIONS = TuneOptions(steps=8, rank=4, rate=5e-3, judge_every=4, threads=1)
SCENES = """
- id: en-{name}-{number:02}
  language: en
  passages:
    - {{title: Milk, text: Milk costs {number} euros.}}
    - {{title: Bread, text: Bread is baked at {number} each day.}}
  turns:
    - {{ask: how much is milk, kind: answer, reply: 'Yes, milk costs {number} euros. [1]'}}
    - {{ask: when is bread baked, kind: answer, reply: 'Bread is baked at {number}. [2]'}}
    - {{ask: do you sell cars, kind: unknown}}
    - {{ask: thanks, kind: polite, reply: With pleasure.}}
"""


def write_gguf(path: Path) -> Path:
    """A random Gemma 3 with a vocabulary of letters."""
    rng = np.random.default_rng(7)
    letters = [chr(c) for c in range(32, 127) if chr(c) != " "]
    tokens = ["<unk>", "<bos>", "<eos>", "\n", "▁", "：", "资", "料", *MARKS, *letters]
    h, inner, head = SHAPE["hidden"], SHAPE["inner"], SHAPE["head"]
    writer = GGUFWriter(path, "gemma3")
    writer.add_embedding_length(h)
    writer.add_feed_forward_length(inner)
    writer.add_block_count(SHAPE["layers"])
    writer.add_head_count(SHAPE["heads"])
    writer.add_head_count_kv(SHAPE["kv_heads"])
    writer.add_key_length(head)
    writer.add_sliding_window(512)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(i) for i in range(len(tokens))])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)

    def add(name: str, *shape: int) -> None:
        values = rng.normal(0, shape[-1] ** -0.5, shape).astype(np.float32)
        writer.add_tensor(name, values if len(shape) > 1 else np.ones(shape, np.float32))

    embedding = rng.normal(0, 0.1, (len(tokens), h)).astype(np.float32)
    q8 = GGMLQuantizationType.Q8_0
    writer.add_tensor("token_embd.weight", quantize(embedding, q8), raw_dtype=q8)
    add("output_norm.weight", h)
    for i in range(SHAPE["layers"]):
        at = f"blk.{i}"
        for name, *shape in (
            ("attn_q", SHAPE["heads"] * head, h),
            ("attn_k", head, h),
            ("attn_v", head, h),
            ("attn_output", h, SHAPE["heads"] * head),
            ("ffn_gate", inner, h),
            ("ffn_up", inner, h),
            ("ffn_down", h, inner),
        ):
            add(f"{at}.{name}.weight", *shape)
        for name in ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm"):
            add(f"{at}.{name}.weight", h)
        for name in ("attn_q_norm", "attn_k_norm"):
            add(f"{at}.{name}.weight", head)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tuning")
    write_gguf(folder / "tiny.gguf")
    data = folder / "data"
    data.mkdir()
    for name in ("shop", "bank"):
        scenes = [SCENES.format(name=name, number=number) for number in range(1, 13)]
        (data / f"{name}.yml").write_text("".join(scenes), encoding="utf-8")
    return folder


def tuner(folder: Path, work: Path, options: TuneOptions = OPTIONS) -> Tuner:
    return Tuner(folder / "tiny.gguf", work, options, folder / "data")


def test_tuning_learns_and_a_stopped_run_ends_as_one_that_was_not(
    folder: Path, tmp_path: Path
) -> None:
    losses: list[float] = []
    whole = tuner(folder, tmp_path / "a").run(tmp_path / "whole", lambda p: losses.append(p.loss))
    assert losses[-1] < losses[0]

    class StoppedError(Exception):
        pass

    def stop(progress: Progress) -> None:
        if progress.step == 5:
            raise StoppedError

    with pytest.raises(StoppedError):
        tuner(folder, tmp_path / "b").run(tmp_path / "resumed", stop)
    steps: list[int] = []
    resumed = tuner(folder, tmp_path / "b").run(
        tmp_path / "resumed", lambda p: steps.append(p.step)
    )
    assert steps == [5, 6, 7, 8]
    assert resumed == whole
    assert Adapter.load(tmp_path / "resumed").card["held_out"]["words"] == whole.words


def test_what_is_served_is_what_was_tuned(folder: Path, tmp_path: Path) -> None:
    tuned = tuner(folder, tmp_path / "w")
    tuned.run(tmp_path / "adapter", lambda progress: None)
    adapter = Adapter.load(tmp_path / "adapter")
    out = convert_gguf(folder / "tiny.gguf", adapter, tmp_path / "served", "abc", lambda line: None)
    assert converted(out, adapter, "abc")
    assert not converted(out, replace(adapter, sha256="other"), "abc")
    decoder = Decoder(out, 1)
    ids = decoder.encode("Milk costs 3 euros.")
    states, _ = decoder.step(ids, decoder._empty)
    file = GemmaFile(folder / "tiny.gguf")
    rows = torch.from_numpy(rows_of(*file.embedding(), np.asarray(ids)))
    mask = torch.full((len(ids), len(ids)), float("-inf")).triu(1)
    model = tuned._model.float()
    model.dtype = torch.float32
    for module in model.modules():
        for name in ("weight", "gain"):
            if hasattr(module, name):
                setattr(module, name, getattr(module, name).float())
    with torch.no_grad():
        expected = model(rows, torch.arange(len(ids)).float(), mask).numpy()
    cosine = (states * expected).sum(-1) / (
        np.linalg.norm(states, axis=-1) * np.linalg.norm(expected, axis=-1)
    )
    assert cosine.min() > 0.999


def test_a_lesson_asks_on_shuffled_passages_what_they_answer_and_what_not(folder: Path) -> None:
    composer = Composer(load_scenes(folder / "data"), seed=1)
    orders = set()
    for number in range(48):
        lesson = composer.lesson(number)
        assert lesson == composer.lesson(number)
        lines = lesson.passages.splitlines()[1:]
        orders.add(next((i for i, line in enumerate(lines) if "Milk costs" in line), None))
        for branch in lesson.branches:
            assert (branch.kind == "answer") == (branch.mark in ANSWERS)
            if branch.kind == "answer":
                line = next(line for line in lines if line.startswith(branch.mark))
                assert branch.text[:4].casefold() in line.casefold()
                assert not branch.text.startswith("Yes")
    assert {0, 1} <= orders
    kinds = {b.kind for number in range(48) for b in composer.lesson(number).branches}
    assert kinds == {"answer", "unknown", "polite"}


@pytest.mark.parametrize(
    ("reply", "learnt"),
    [
        ("不能，柜子当天清空。", "柜子当天清空。"),
        ("No, a new card costs £6.", "A new card costs £6."),
        ("可以带宠物。", "可以带宠物。"),
        ("Nobody pays.", "Nobody pays."),
    ],
)
def test_yes_and_no_are_not_learnt(reply: str, learnt: str) -> None:
    assert told(reply) == learnt


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not YAML"),
        ("a: 1", "expected a list of scenes"),
        ("- {id: x, language: en, passages: [], turns: [{ask: a, kind: dance}]}", "kind"),
        (
            "- {id: x, language: en, passages: [], turns: [{ask: a, kind: answer, reply: b}]}",
            "expected a reply that cites",
        ),
    ],
)
def test_bad_scenes_are_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "bad.yml").write_text(text, encoding="utf-8")
    with pytest.raises(SceneError, match=words):
        load_scenes(tmp_path)


def test_no_scenes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match="found none"):
        load_scenes(tmp_path)
