"""The encoder's folder and what runs it, on a small encoder of random weights."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from nlu.encoder import runtime
from nlu.encoder.convert import E5_ID, E5_PREFIX, convert_smaller, renew
from nlu.encoder.e5_file import EncoderFileError
from nlu.encoder.folder import (
    FORMAT,
    INT8_GRAPH,
    WEIGHTS,
    WORD_EMBEDDINGS,
    EncoderCard,
    Planned,
    read_card,
    write_card,
    write_safetensors,
)
from nlu.encoder.graph import FloatArray, build_graph
from nlu.encoder.runtime import Encoder, OrtRuntime, mean_pool, unit
from nlu.encoder.tokenizer import TOKENIZER, build_unigram
from nlu.encoder.torch_runtime import TorchRuntime

WIDTH, LAYERS, WIDE = 96, 3, 192
PIECES = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "▁",
    *dict.fromkeys("query: 我要退货你好吗订单abcd0123456789"),
]
TEXTS = ["退货", "你好吗", "我要退货 order 1234567890", "a"]


def random_tensors(rng: np.random.Generator, rows: int) -> dict[str, FloatArray]:
    def noise(*shape: int) -> FloatArray:
        return np.asarray(rng.normal(size=shape) * 0.1, dtype=np.float32)

    found = {
        WORD_EMBEDDINGS: noise(rows, WIDTH),
        "embeddings.position_embeddings.weight": noise(64, WIDTH),
        "embeddings.token_type_embeddings.weight": noise(2, WIDTH),
    }
    norms = ["embeddings.LayerNorm"]
    for at in (f"encoder.layer.{index}" for index in range(LAYERS)):
        sizes = {f"attention.self.{part}": (WIDTH, WIDTH) for part in ("query", "key", "value")}
        sizes |= {"attention.output.dense": (WIDTH, WIDTH)}
        sizes |= {"intermediate.dense": (WIDE, WIDTH), "output.dense": (WIDTH, WIDE)}
        for part, size in sizes.items():
            found[f"{at}.{part}.weight"] = noise(*size) * 2
            found[f"{at}.{part}.bias"] = noise(size[0])
        norms += [f"{at}.attention.output.LayerNorm", f"{at}.output.LayerNorm"]
    for norm in norms:
        found[f"{norm}.weight"] = 1 + noise(WIDTH)
        found[f"{norm}.bias"] = noise(WIDTH)
    return found


def converted(folder: Path, pieces: list[str]) -> Path:
    """As an earlier version converted it, then renewed."""
    half, single = np.dtype("<f2"), np.dtype("<f4")
    write_safetensors(
        folder / WEIGHTS,
        (
            Planned(name, values.shape, half if name == WORD_EMBEDDINGS else single, [values])
            for name, values in random_tensors(np.random.default_rng(0), len(pieces)).items()
        ),
    )
    scores = [0.0] * 4 + [-2 - at * 0.137 for at in range(len(pieces) - 4)]
    build_unigram(pieces, scores).save(str(folder / TOKENIZER))
    (folder / "config.json").write_text(json.dumps({"vocab_size": len(pieces)}))
    card = EncoderCard(E5_ID, "0" * 64, E5_PREFIX, WIDTH, LAYERS, 4, 64, 1e-12, format=2)
    write_card(folder, card)
    with pytest.raises(EncoderFileError, match=f"expected format {FORMAT}, got 2; run"):
        read_card(folder)
    renew(folder, lambda: TEXTS, lambda words: None)
    assert read_card(folder).format == FORMAT
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return converted(tmp_path_factory.mktemp("encoder"), PIECES)


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Encoder:
    return Encoder(folder)


def vectors(encoder: Encoder, texts: list[str]) -> FloatArray:
    """Unit vectors of texts in one batch."""
    batch = encoder.pad(encoder.tokenizer.encode(texts))
    return unit(mean_pool(encoder.hidden(batch, [LAYERS])[0], batch.mask))


def in_float(encoder: Encoder) -> OrtRuntime:
    graph = build_graph(
        encoder.weights,
        encoder.card.shape,
        start=0,
        stop=LAYERS,
        outputs=range(LAYERS + 1),
    )
    return OrtRuntime(graph.SerializeToString(), 1)


def test_int8_is_near_the_weights_as_they_are(encoder: Encoder) -> None:
    batch = encoder.pad(encoder.tokenizer.encode(TEXTS))
    layers = list(range(LAYERS + 1))
    exact = in_float(encoder).run(encoder.embeddings(batch), batch.mask, layers)
    for served, wanted in zip(encoder.hidden(batch, layers), exact, strict=True):
        real = batch.mask.astype(bool)
        error = np.linalg.norm((served - wanted)[real]) / np.linalg.norm(wanted[real])
        assert error < 0.07


def test_a_text_has_one_vector_whatever_stands_beside_it(encoder: Encoder) -> None:
    alone = np.concatenate([vectors(encoder, [text]) for text in TEXTS])
    np.testing.assert_allclose(vectors(encoder, TEXTS), alone, atol=1e-5)


def test_a_folder_of_this_version_is_left_alone(folder: Path) -> None:
    before = (folder / INT8_GRAPH).stat().st_mtime_ns
    renew(folder, lambda: TEXTS)
    assert (folder / INT8_GRAPH).stat().st_mtime_ns == before


@pytest.mark.parametrize("start", [0, 1])
def test_torch_computes_what_the_graph_does(encoder: Encoder, start: int) -> None:
    """Also the layers that a model has tuned, over what the shared ones found."""
    batch = encoder.pad(encoder.tokenizer.encode(TEXTS))
    layers = list(range(start, LAYERS + 1))
    into = encoder.embeddings(batch)
    exact = in_float(encoder).run(into, batch.mask, layers)
    own = TorchRuntime(
        encoder.weights,
        encoder.card.shape,
        start=start,
        stop=LAYERS,
        threads=1,
        precision=torch.float32,
    )
    real = batch.mask.astype(bool)
    for served, wanted in zip(
        own.run(exact[0] if start else into, batch.mask, layers), exact, strict=True
    ):
        np.testing.assert_allclose(served[real], wanted[real], atol=1e-4)


@pytest.mark.parametrize("precision", [torch.bfloat16, torch.float16])
def test_torch_in_half_precision_is_near(encoder: Encoder, precision: torch.dtype) -> None:
    batch = encoder.pad(encoder.tokenizer.encode(TEXTS))
    into = encoder.embeddings(batch)
    (exact,) = in_float(encoder).run(into, batch.mask, [LAYERS])
    own = TorchRuntime(
        encoder.weights, encoder.card.shape, start=0, stop=LAYERS, threads=1, precision=precision
    )
    (found,) = own.run(into, batch.mask, [LAYERS])
    alike = unit(mean_pool(found, batch.mask)) * unit(mean_pool(exact, batch.mask))
    assert alike.sum(axis=1).min() > 0.999


def test_the_runtime_is_the_one_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Encoder(folder).runtime.name == "ONNX Runtime, int8, cpu"
    monkeypatch.setattr(runtime, "sees_gpu", lambda: False)
    assert Encoder(folder, runtime="auto").runtime.name == "ONNX Runtime, int8, cpu"
    by_torch = Encoder(folder, runtime="torch")
    assert by_torch.runtime.name.startswith("torch, ")
    np.testing.assert_array_less(
        0.99, (vectors(by_torch, TEXTS) * vectors(Encoder(folder), TEXTS)).sum(axis=1)
    )
    monkeypatch.setattr(runtime, "sees_gpu", lambda: True)
    assert Encoder(folder, runtime="auto").runtime.name.startswith("torch, ")


def test_who_serves_by_onnx_does_not_load_torch() -> None:
    code = "import sys, app.main; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_smaller_variant_reads_chinese_and_english_alike(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    others = ["▁привет", "привет", "п", "é", "▁né", "ñandú", "☃", "▁☃☃"]
    folder = converted(tmp_path_factory.mktemp("whole"), [*PIECES, *others])
    smaller = convert_smaller(
        folder, tmp_path_factory.mktemp("variant") / "out", lambda words: None
    )
    whole, own = Encoder(folder), Encoder(smaller)
    assert own.card.pieces == "zh-en"
    assert own.card.source_sha256 == whole.card.source_sha256  # its models serve with the other
    assert len(own.weights.mapped(WORD_EMBEDDINGS)) == len(PIECES) + len(others) - 4
    texts = [*TEXTS, "你好☃ order é1"]
    np.testing.assert_allclose(vectors(own, texts), vectors(whole, texts), atol=1e-6)
    (read,) = own.tokenizer.encode(["привет"])
    assert own.tokenizer.encode(["п"])[0].ids[-2] in read.ids  # letter by letter
