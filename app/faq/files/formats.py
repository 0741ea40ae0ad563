"""The formats that the knowledge is written in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

TemplateFormat = Literal["csv", "xlsx", "yaml", "json"]
Format = Literal["csv", "xlsx", "yaml", "json", "zip"]
MEDIA_TYPES: Mapping[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "yaml": "application/yaml",
    "json": "application/json",
    "zip": "application/zip",
}
