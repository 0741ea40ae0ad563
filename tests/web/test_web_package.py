"""The web package's generated and locked files are what they claim to be."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

WEB = Path(__file__).resolve().parents[2] / "web"


def _emitter() -> ModuleType:
    spec = importlib.util.spec_from_file_location("emit_types", WEB / "shared" / "emit_types.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_typescript_types_are_current() -> None:
    committed = (WEB / "shared" / "events.ts").read_text(encoding="utf-8")
    assert committed == _emitter().render(), "run `npm run types` in web/"


def test_lock_names_no_registry_and_versions_are_pinned() -> None:
    lock = (WEB / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    package = json.loads((WEB / "package.json").read_text(encoding="utf-8"))
    for name, version in {**package["dependencies"], **package["devDependencies"]}.items():
        assert version[0].isdigit(), f"{name}: expected an exact version, got {version}"
