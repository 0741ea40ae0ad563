"""Entries out of files: a bot's ``faq/*.yml`` and JSON lines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

import yaml

from dialogue.knowledge.text import has_han
from dialogue.knowledge.types import Entry
from nlu.types import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)


class KnowledgeFileError(ValueError):
    """A file of entries that cannot be read; the message names file, entry, expected and got."""


def load_folder(folder: Path) -> list[Entry]:
    """Entries of all ``*.yml``, ``*.yaml`` and ``*.jsonl`` in `folder`, in order of file name."""
    entries: list[Entry] = []
    for path in sorted(folder.glob("*")) if folder.is_dir() else []:
        if path.suffix in {".yml", ".yaml"}:
            entries += load_yaml(path)
        elif path.suffix == ".jsonl":
            entries += load_json_lines(path)
    _check_unique(entries, folder)
    return entries


def load_yaml(path: Path) -> list[Entry]:
    """A list of ``{id, category, questions: {zh: [...]}, answer: {zh: ...}, keywords}``."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise KnowledgeFileError(f"{path}: {error}") from error
    if isinstance(document, Mapping):  # ``version:`` and ``faq:`` at the top are fine
        document = document.get("faq") or document.get("entries")
    if not isinstance(document, list):
        raise KnowledgeFileError(f"{path}: expected a list of entries, got {_kind(document)}")
    return [entry_of(item, f"{path}: entry {n}") for n, item in enumerate(document, 1)]


def load_json_lines(path: Path) -> list[Entry]:
    """One ``{"id", "questions": [...], "answer"}`` a line."""
    entries = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                item = json.loads(line)
            except json.JSONDecodeError as error:
                raise KnowledgeFileError(f"{path}:{number}: {error}") from error
            entries.append(entry_of(item, f"{path}:{number}"))
    _check_unique(entries, path)
    return entries


def entry_of(item: object, where: str) -> Entry:
    """One entry of either form. Raises `KnowledgeFileError`."""
    if not isinstance(item, Mapping):
        raise KnowledgeFileError(f"{where}: expected an entry with id, got {_kind(item)}")
    questions = _by_language(item.get("questions"), f"{where}: questions")
    answers = _by_language(item.get("answer", item.get("answers")), f"{where}: answer")
    identity = item.get("id")
    if not isinstance(identity, str | int) or identity == "":
        raise KnowledgeFileError(f"{where}: expected an id, got {identity!r}")
    return Entry(
        id=str(identity),
        questions=tuple(q for language in LANGUAGES for q in questions.get(language, ())),
        answers={language: texts[0] for language, texts in answers.items()},
        titles={language: texts[0] for language, texts in questions.items()},
        category=str(item.get("category") or ""),
        keywords=tuple(str(word) for word in item.get("keywords") or ()),
    )


def _by_language(value: object, where: str) -> dict[Language, list[str]]:
    """Texts by language; where a file names no language, the script tells it."""
    found: dict[Language, list[str]] = {}
    if isinstance(value, Mapping):
        for language in LANGUAGES:
            texts = _texts(value.get(language), where)
            if texts:
                found[language] = texts
    else:
        for text in _texts(value, where):
            found.setdefault("zh" if has_han(text) else "en", []).append(text)
    if not found:
        raise KnowledgeFileError(f"{where}: expected a text in {' or '.join(LANGUAGES)}, got none")
    return found


def _texts(value: object, where: str) -> list[str]:
    items: Sequence[object] = value if isinstance(value, list) else [value]
    for item in items:
        if item is not None and not isinstance(item, str):
            raise KnowledgeFileError(f"{where}: expected a text, got {_kind(item)}")
    return [item.strip() for item in items if isinstance(item, str) and item.strip()]


def _kind(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"


def _check_unique(entries: Sequence[Entry], where: Path) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            raise KnowledgeFileError(f"{where}: expected every id once, got {entry.id!r} twice")
        seen.add(entry.id)
