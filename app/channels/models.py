"""The trained models behind a door, in Rasa's shape: understand, explain, swap, unload.

Several serve side by side: the bot's own, called ``default``, and any other classifier (topics,
tags, spam) by its folder's name. A swap loads the new model beside the old one; requests in flight
finish on whichever they began with.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path as FilePath
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Query

from app.channels.access import for_programs
from app.channels.rasa_shapes import ModelRequest, ParseRequest
from app.chat.events import MAX_TEXT_CHARS
from app.errors import Conflict, NotFound, Refused
from app.services import Services, UsedServices
from dialogue.understood import parse_data
from nlu.artifact import ModelError
from nlu.types import DEFAULT_MODEL, ModelHost

log = structlog.get_logger(__name__)
router = APIRouter(tags=["Rasa"])

ModelName = Annotated[
    str, Query(pattern=r"^\w[\w.-]{0,99}$", description="Which of the loaded models.")
]


@router.post("/model/parse", dependencies=[for_programs("nlu")])
async def parse(
    body: ParseRequest, to: UsedServices, model: ModelName = DEFAULT_MODEL, explain: bool = False
) -> dict[str, Any]:
    """What a model understands, and on wish why; nothing is kept."""
    if len(body.text) > MAX_TEXT_CHARS:
        raise Refused("too_long", limit=MAX_TEXT_CHARS)
    why: dict[str, Any] = {}
    if model == DEFAULT_MODEL and not explain:
        understanding = to.assistant.understood(await to.parser.parse(body.text))
    elif explain:
        explanation = await _loaded(to, model).explain(body.text, model)
        understanding = explanation.understanding
        why = asdict(explanation)
        del why["understanding"]
    else:
        understanding = await _loaded(to, model).parse(body.text, model)
    shown = parse_data(understanding) | {
        "message_id": body.message_id,
        "text_tokens": [(token.start, token.end) for token in understanding.tokens],
        "response_selector": {},
    }
    if explain:
        shown["explanation"] = why | {"timings_ms": dict(understanding.timings_ms)}
    return shown


@router.put("/model", status_code=204, dependencies=[for_programs("models")])
async def replace_model(
    to: UsedServices, body: ModelRequest | None = None, model: ModelName = DEFAULT_MODEL
) -> None:
    """Put a trained model in a name's place while serving; without a file, the one of that name."""
    engine = _engine(to)
    folder = _folder(to, model, body.model_file if body else None)
    try:
        model_id = await engine.swap(folder, model)
    except (ModelError, OSError, ValueError, KeyError) as error:
        log.warning("model_refused", model=model, folder=str(folder), reason=str(error))
        raise Refused("bad_model", name=folder.name) from None
    log.info("model_swapped", model=model, model_id=model_id)


@router.delete("/model", status_code=204, dependencies=[for_programs("models")])
async def unload_model(to: UsedServices, model: ModelName) -> None:
    """Forget one of the further models; the bot's own stays."""
    engine = _loaded(to, model)
    if model == DEFAULT_MODEL:
        raise Conflict("model_in_use", name=model)
    engine.remove(model)


def _engine(to: Services) -> ModelHost:
    if to.engine is None:
        raise NotFound()
    return to.engine


def _loaded(to: Services, model: str) -> ModelHost:
    engine = _engine(to)
    if model not in engine.models:
        raise NotFound("no_such_model", name=model, known=", ".join(sorted(engine.models)))
    return engine


def _folder(to: Services, model: str, file: str | None) -> FilePath:
    """A folder below ``models`` in the data folder; nothing else on the machine is opened."""
    settings = to.settings
    if file is None:
        if model == DEFAULT_MODEL:
            return settings.nlu_model
        return settings.nlu_models.get(model) or settings.models_folder / model
    root = settings.models_folder.resolve()
    path = (root / file).resolve()
    if not path.is_relative_to(root):
        raise Refused("bad_model", name=FilePath(file).name)
    return path
