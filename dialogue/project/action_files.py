"""Looks through a bot's action code for libraries that are not installed here. Runs none of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from dialogue.domain import DEFAULT_ACTIONS, Domain
from dialogue.project.problems import Report

MOST_NAMED = 5
_NAMED_BY_THE_SDK = ("action_validate_slot_mappings", "action_query_knowledge_base")


def check_imports(actions: Path, report: Report) -> None:
    """Warn of what `actions` (a folder, or ``actions.py``) imports and cannot have."""
    files = sorted(actions.rglob("*.py")) if actions.is_dir() else [actions]
    own = {"actions", *(file.stem for file in files), *(f.parent.name for f in files)}
    own |= {path.stem for path in actions.parent.iterdir()}
    told: set[str] = set()
    for file in files:
        for name, line in _imported(file, report):
            if name not in own and name not in told and not _installed(name):
                told.add(name)
                report.warn(
                    f"the actions import {name!r}, which is not installed here",
                    file,
                    line,
                    "install it, or run an action server and name it in endpoints.yml",
                )


def check_named(domain: Domain, actions: Path | None, report: Report) -> None:
    """Warn of custom actions that no code here runs; by the strings of the code, which is not run."""
    wanted = [
        name
        for name in domain.actions
        if not name.startswith("utter_") and name not in (*DEFAULT_ACTIONS, *_NAMED_BY_THE_SDK)
    ]
    if actions is not None:
        written = _strings(actions)
        wanted = [name for name in wanted if name not in written]
    if wanted:
        shown = ", ".join(repr(name) for name in wanted[:MOST_NAMED])
        rest = f" and {len(wanted) - MOST_NAMED} more" if len(wanted) > MOST_NAMED else ""
        report.warn(
            f"nothing runs the custom actions {shown}{rest}",
            actions,
            None,
            "put their rasa-sdk code into actions/, or name its server in endpoints.yml",
        )


def _strings(actions: Path) -> set[str]:
    files = actions.rglob("*.py") if actions.is_dir() else [actions]
    found: set[str] = set()
    for file in files:
        with suppress(SyntaxError, ValueError):  # which `check_imports` tells
            for node in ast.walk(ast.parse(file.read_bytes())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return found


def _imported(file: Path, report: Report) -> Iterator[tuple[str, int]]:
    try:
        tree = ast.parse(file.read_bytes(), str(file))
    except (SyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        report.warn("the actions are not valid Python", file, line)
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.split(".", 1)[0], node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".", 1)[0], node.lineno


def _installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
