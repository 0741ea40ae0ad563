"""A trained model as a folder: arrays in safetensors, everything else in JSON, nothing pickled.

```
model.json          `ModelCard`: labels, temperatures, thresholds, tables, which encoder
heads.safetensors   the heads' arrays and the nearest-neighbour index
examples.json       the training texts of that index, row by row
words.json          what the training texts know, for mending slips (`nlu.text.mend`)
upper-int8.onnx     the tuned layers as they serve (tuned models only)
upper.safetensors   the tuned layers' float16 weights, to go on training or to export
```
The folder is written under a temporary name and renamed, so a half-written one is never loaded.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from nlu.heads import Arrays
from nlu.text.mend import Words

FORMAT = 1
CARD = "model.json"
HEADS = "heads.safetensors"
NEAR_TEXTS = "examples.json"
WORDS = "words.json"
UPPER_GRAPH = "upper-int8.onnx"
UPPER_WEIGHTS = "upper.safetensors"


class ModelError(ValueError):
    """A model folder that cannot serve; the message says what was expected and what came."""


@dataclass(frozen=True, slots=True)
class EntityLabel:
    """What one tag type means."""

    entity: str
    role: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class ScopeCard:
    """When a message is taken for one of the intents; see `nlu.scope`."""

    weights: tuple[float, ...]
    bias: float
    threshold: float
    """Refuse below this probability of being in scope."""
    target_precision: float
    """What the threshold was chosen for: of the messages not refused, this share is right."""


@dataclass(frozen=True, slots=True)
class TablesCard:
    """The bot project's own tables."""

    lookups: dict[str, list[str]] = field(default_factory=dict)
    regexes: dict[str, list[str]] = field(default_factory=dict)
    synonyms: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelCard:
    encoder_id: str
    encoder_sha256: str
    profile: str
    seed: int
    layers: tuple[int, ...]
    """Which layers the pooled features are of, one after the other."""
    tag_layers: tuple[int, ...]
    tuned_from: int | None = None
    """The tuned layers begin after this one; None: the encoder is as it came."""
    with_base: bool = False
    """The heads read the untuned encoder beside the tuned layers: pooled, and by token the layers
    of `tag_layers`."""
    intents: tuple[str, ...] = ()
    intent_temperature: float = 1.0
    scope: ScopeCard | None = None
    entity_labels: tuple[EntityLabel, ...] = ()
    sentiments: tuple[str, ...] = ()
    sentiment_temperature: float = 1.0
    sentiment_on_base: bool = True
    """The sentiment head reads the untuned encoder."""
    tables: TablesCard = field(default_factory=TablesCard)
    scores: dict[str, float] = field(default_factory=dict)
    """What training measured on dev, or by cross-fitting when there was none."""
    model_id: str = ""
    format: int = FORMAT


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Yield a scratch folder beside `out` that takes its place if the block ends well."""
    out.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield scratch
        if out.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent))
            out.rename(old / "was")
            scratch.rename(out)
            shutil.rmtree(old)
        else:
            scratch.rename(out)
        out.chmod(0o755)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def write_model(folder: Path, card: ModelCard, arrays: Arrays) -> ModelCard:
    """Write heads and card into `folder`; returns the card with its id, a digest of both."""
    save_file({name: np.ascontiguousarray(a) for name, a in arrays.items()}, folder / HEADS)
    fields = asdict(card) | {"model_id": ""}
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode())
    digest.update((folder / HEADS).read_bytes())
    if (folder / UPPER_GRAPH).is_file():
        digest.update((folder / UPPER_GRAPH).read_bytes())
    fields["model_id"] = digest.hexdigest()[:12]
    text = json.dumps(fields, ensure_ascii=False, indent=1)
    (folder / CARD).write_text(text, encoding="utf-8")
    return read_card(folder)


def read_card(folder: Path) -> ModelCard:
    """Raises `ModelError`."""
    path = folder / CARD
    if not path.is_file():
        raise ModelError(f"{folder}: expected a trained model, found no {CARD}")
    fields = json.loads(path.read_text(encoding="utf-8"))
    if fields.get("format") != FORMAT:
        raise ModelError(f"{path}: expected format {FORMAT}, got {fields.get('format')}")
    scope = fields.pop("scope")
    return ModelCard(
        **{k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
        | {
            "entity_labels": tuple(EntityLabel(**label) for label in fields["entity_labels"]),
            "tables": TablesCard(**fields["tables"]),
            "scope": scope and ScopeCard(**scope | {"weights": tuple(scope["weights"])}),
        }
    )


def write_near_texts(folder: Path, texts: Sequence[str]) -> None:
    (folder / NEAR_TEXTS).write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")


def read_near_texts(folder: Path) -> list[str]:
    """Empty where a model was trained before they were kept."""
    path = folder / NEAR_TEXTS
    found: list[str] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return found


def read_arrays(folder: Path) -> Arrays:
    found: Arrays = load_file(folder / HEADS)
    return found


def write_words(folder: Path, words: Words) -> None:
    (folder / WORDS).write_text(json.dumps(asdict(words), ensure_ascii=False), encoding="utf-8")


def read_words(folder: Path) -> Words:
    """A model of an earlier version knows none, or some in another shape: those are left out."""
    path = folder / WORDS
    told = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return Words(**{f.name: told[f.name] for f in fields(Words) if f.name in told})
