"""YAML with line numbers, read safely and fast.

libyaml composes the nodes; scalars are resolved here by the YAML 1.2 core schema, as Rasa's
files mean it (``yes`` is a string). An alias may repeat a node, but the whole document may not
expand past a cap, so a "billion laughs" file is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from dialogue.project.problems import Report

MAX_EXPANDED_NODES = 2_000_000
"""Ten times the largest real NLU file seen; a few hundred megabytes at the very most."""
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 100

_INT = re.compile(r"[-+]?[0-9]+$")
_OCTAL = re.compile(r"0o[0-7]+$")
_HEX = re.compile(r"0x[0-9a-fA-F]+$")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_SPECIAL: dict[str, Any] = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], None),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
    **dict.fromkeys([".inf", ".Inf", ".INF"], float("inf")),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], float("-inf")),
}


class Map(dict[str, Any]):
    """A mapping that knows the line of itself and of each key (1-based)."""

    line: int = 0
    lines: dict[str, int]


class Seq(list[Any]):
    """A list that knows the line of itself and of each item (1-based)."""

    line: int = 0
    lines: list[int]


def line_of(value: Any, key: str | int | None = None) -> int | None:
    """The line of `value`, or of its item `key`."""
    if isinstance(value, Map):
        return value.lines.get(key, value.line) if isinstance(key, str) else value.line
    if isinstance(value, Seq):
        if isinstance(key, int) and key < len(value.lines):
            return value.lines[key]
        return value.line
    return None


class _UnreadableError(Exception):
    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.line = line


def plain_scalar(text: str) -> Any:
    if text in _SPECIAL:
        return _SPECIAL[text]
    first = text[0]
    if first in "+-.0123456789":
        if _INT.match(text):
            return int(text) if len(text) < 400 else text
        if _OCTAL.match(text):
            return int(text[2:], 8)
        if _HEX.match(text):
            return int(text, 16)
        if _FLOAT.match(text):
            return float(text)
    return text


class _Builder:
    def __init__(self, file: Path, report: Report) -> None:
        self._file = file
        self._report = report
        self._done: dict[int, tuple[Any, int]] = {}
        self._open: set[int] = set()

    def build(self, node: yaml.Node, depth: int = 0) -> tuple[Any, int]:
        """The value of `node` and how many nodes it expands to."""
        key = id(node)
        if key in self._done:
            return self._done[key]
        line = node.start_mark.line + 1
        if key in self._open:
            raise _UnreadableError("an alias contains itself", line)
        if depth > MAX_DEPTH:
            raise _UnreadableError(f"expected nesting of at most {MAX_DEPTH} levels", line)
        self._open.add(key)
        if isinstance(node, yaml.ScalarNode):
            built: tuple[Any, int] = (self._scalar(node), 1)
        elif isinstance(node, yaml.SequenceNode):
            built = self._sequence(node, line, depth)
        else:
            built = self._mapping(node, line, depth)
        self._open.discard(key)
        if built[1] > MAX_EXPANDED_NODES:
            raise _UnreadableError(
                f"aliases expand this document past {MAX_EXPANDED_NODES} values", line
            )
        self._done[key] = built
        return built

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        if node.style in (None, "") and not node.tag.endswith(":str"):
            return plain_scalar(node.value)
        return node.value

    def _sequence(self, node: yaml.SequenceNode, line: int, depth: int) -> tuple[Seq, int]:
        out = Seq()
        out.line = line
        out.lines = []
        size = 1
        for child in node.value:
            value, count = self.build(child, depth + 1)
            out.append(value)
            out.lines.append(child.start_mark.line + 1)
            size += count
        return out, size

    def _mapping(self, node: yaml.MappingNode, line: int, depth: int) -> tuple[Map, int]:
        out = Map()
        out.line = line
        out.lines = {}
        size = 1
        merged: list[Any] = []
        for key_node, value_node in node.value:
            key, _ = self.build(key_node, depth + 1)
            value, count = self.build(value_node, depth + 1)
            size += count + 1
            if key_node.value == "<<" and key_node.style in (None, ""):
                merged.extend(value if isinstance(value, list) else [value])
                continue
            if isinstance(key, Map | Seq):
                raise _UnreadableError("expected a text as key", key_node.start_mark.line + 1)
            name = key_node.value if not isinstance(key, str) else key
            at = key_node.start_mark.line + 1
            if name in out:
                self._report.warn(
                    f"the key {name!r} is given twice; the later one counts", self._file, at
                )
            out[name] = value
            out.lines[name] = at
        for base in merged:
            if isinstance(base, Map):
                for name, value in base.items():
                    out.setdefault(name, value)
                    out.lines.setdefault(name, base.lines[name])
        return out, size


_TOP_KEY = re.compile(r"^(?:\"([\w ]+)\"|'([\w ]+)'|([\w]+))[ \t]*:", re.MULTILINE)


def top_keys(text: str) -> set[str]:
    """The keys at the left margin, without parsing: enough to see what a file holds."""
    return {next(group for group in found.groups() if group) for found in _TOP_KEY.finditer(text)}


def read_text(file: Path, report: Report) -> str | None:
    """The file's text, or None with the reason in `report`."""
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            report.error(f"expected at most {MAX_FILE_BYTES // 2**20} MiB", file)
            return None
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        report.error(f"expected UTF-8, got the byte {error.object[error.start]:#04x}", file)
    except OSError as error:
        report.error(f"cannot be read: {error.strerror}", file)
    return None


def read_yaml(file: Path, report: Report, text: str | None = None) -> Map | None:
    """The mapping in `file`; an empty file gives an empty one, a broken one None and an error."""
    if text is None:
        text = read_text(file, report)
    if text is None:
        return None
    try:
        loader = yaml.CSafeLoader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
        value = _Builder(file, report).build(node)[0] if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        words = " ".join(part for part in (error.context, error.problem) if part)
        report.error(f"not valid YAML: {words}", file, line, "check indentation and quotes here")
        return None
    except yaml.YAMLError as error:
        report.error(f"not valid YAML: {str(error).splitlines()[0]}", file)
        return None
    except _UnreadableError as error:
        report.error(str(error), file, error.line)
        return None
    if value is None:
        empty = Map()
        empty.lines = {}
        return empty
    if not isinstance(value, Map):
        report.error("expected keys such as `version:` at the top", file, 1)
        return None
    return value


def items(value: Any) -> Iterator[tuple[Any, int | None]]:
    """The items of a list with their lines; nothing for anything else."""
    if isinstance(value, Seq):
        yield from zip(value, value.lines, strict=True)
