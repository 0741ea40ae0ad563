"""No library that we load tells its maker of it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOADERS = {"onnxruntime", "rapidocr_onnxruntime", "faster_whisper"}
"""Packages that load ONNX Runtime."""


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    return names | {
        node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
    }


LOADING = sorted(
    str(path.relative_to(ROOT).with_suffix("")).replace("/", ".")
    for package in ("app", "dialogue", "nlu")
    for path in (ROOT / package).rglob("*.py")
    if imported(path) & LOADERS
)
TELL = """
import contextlib, importlib, os, sys
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name in {loaders!r}:
            print(os.environ.get("ORT_DISABLE_TELEMETRY"), flush=True)
            os._exit(0)
sys.meta_path.insert(0, Watch())
with contextlib.suppress(ModuleNotFoundError):  # an extra that is not installed here
    importlib.import_module({module!r})
print(os.environ.get("ORT_DISABLE_TELEMETRY"))
"""


@pytest.mark.parametrize("module", LOADING)
def test_the_runtime_is_told_to_be_silent_before_it_is_loaded(module: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")}
    code = TELL.format(loaders=LOADERS, module=module)
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, check=True
    )
    assert told.stdout.strip() == b"1"


def test_where_it_is_loaded_is_known() -> None:
    assert "nlu.encoder.runtime" in LOADING
