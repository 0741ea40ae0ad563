"""Between the understanding of a message and Rasa's ``parse_data``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dialogue.payload import Payload
from nlu.types import Entity, IntentScore, Sentiment, Understanding


def parse_data(understanding: Understanding) -> dict[str, Any]:
    """What is stored of an understanding, in Rasa's shape with Lingxi's additions."""
    parsed: dict[str, Any] = {
        "text": understanding.text,
        "intent": {
            "name": understanding.intent.name,
            "confidence": round(understanding.intent.confidence, 6),
        },
        "entities": [_entity(entity) for entity in understanding.entities],
        "intent_ranking": [
            {"name": score.name, "confidence": round(score.confidence, 6)}
            for score in understanding.intent_ranking[:10]
        ],
        "language": understanding.language,
        "sentiment": {
            "label": understanding.sentiment.label,
            "strength": round(understanding.sentiment.strength, 4),
        },
        "model_id": understanding.model_id,
    }
    if understanding.read_as is not None:
        parsed["read_as"] = understanding.read_as
    return parsed


def _entity(entity: Entity) -> dict[str, Any]:
    body: dict[str, Any] = {
        "entity": entity.entity,
        "start": entity.start,
        "end": entity.end,
        "value": entity.value,
        "confidence_entity": round(entity.confidence, 6),
        "extractor": entity.extractor,
    }
    if entity.role:
        body["role"] = entity.role
    if entity.group:
        body["group"] = entity.group
    return body


def understanding_of_payload(understanding: Understanding, payload: Payload) -> Understanding:
    """The understanding of a message that names its intent itself."""
    entities = tuple(
        Entity(
            entity=one.entity,
            start=0,
            end=0,
            text="",
            value=one.value,
            confidence=1.0,
            extractor="payload",
            role=one.role,
            group=one.group,
        )
        for one in payload.entities
    )
    score = IntentScore(payload.intent, payload.confidence)
    return replace(
        understanding,
        intent=score,
        intent_ranking=(score,),
        entities=entities,
        sentiment=Sentiment("neutral", 0.0),
        vector=None,
    )
