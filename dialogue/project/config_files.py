"""Reads ``config.yml``, ``endpoints.yml`` and ``credentials.yml``, as far as Lingxi has what they ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from os.path import expandvars
from pathlib import Path
from typing import Any

from dialogue.project.model import AssistantSettings, PolicySettings
from dialogue.project.problems import Report, did_you_mean
from dialogue.project.slot_files import is_number
from dialogue.project.yaml_nodes import Map, items, line_of

_OUR_COMPONENTS = {
    "WhitespaceTokenizer", "JiebaTokenizer", "RegexFeaturizer", "LexicalSyntacticFeaturizer",
    "CountVectorsFeaturizer", "DIETClassifier", "EntitySynonymMapper", "ResponseSelector",
    "FallbackClassifier", "RegexEntityExtractor", "SpacyNLP", "SpacyTokenizer", "SpacyFeaturizer",
    "SpacyEntityExtractor", "MitieNLP", "MitieTokenizer", "MitieEntityExtractor",
    "MitieFeaturizer", "MitieIntentClassifier", "LanguageModelFeaturizer", "ConveRTTokenizer",
    "ConveRTFeaturizer", "LanguageModelTokenizer", "HFTransformersNLP", "CRFEntityExtractor",
    "DucklingEntityExtractor", "DucklingHTTPExtractor", "KeywordIntentClassifier",
    "SklearnIntentClassifier", "LogisticRegressionClassifier",
}  # fmt: skip
_POLICIES = {
    "RulePolicy", "MemoizationPolicy", "AugmentedMemoizationPolicy", "TEDPolicy",
    "UnexpecTEDIntentPolicy",
}  # fmt: skip
_OLD_POLICIES = {"MappingPolicy", "FormPolicy", "FallbackPolicy", "TwoStageFallbackPolicy"}
_DONE_OTHERWISE = {
    "tracker_store": "conversations are kept in Lingxi's own database (`LINGXI_DATABASE_URL`)",
    "lock_store": "the database keeps turns apart",
    "event_broker": "events are in the database and at /conversations/NAME/tracker",
    "models": "models are trained here (`lingxi train`)",
    "model": "models are trained here (`lingxi train`)",
    "nlg": "responses are the domain's",
}
"""Sections of ``endpoints.yml``."""
_OPEN_CHANNELS = {"rest", "rasa"}


class ConfigReader:
    """Reads the settings of one project; what is wrong or not honoured goes to `report`."""

    def __init__(self, config: Map, file: Path, report: Report) -> None:
        self._config = config
        self._file = file
        self._report = report

    def policies(self) -> PolicySettings:
        recipe = self._config.get("recipe")
        if recipe not in (None, "default.v1"):
            at = line_of(self._config, "recipe")
            self._warn(f"the recipe {recipe!r} is not run; Lingxi's own pipeline is", at)
        settings = PolicySettings()
        listed = self._listed("policies")
        memory: list[int | None] = []
        named: set[str] = set()
        for item, line in items(listed):
            body = item if isinstance(item, Map) else _named(item)
            name = self._name(body, line, "policy")
            if name is None:
                continue
            named.add(name)
            if name in _OLD_POLICIES:
                self._warn(f"the policy {name!r} is Rasa 1's and is not run", line)
            elif name not in _POLICIES:
                self._warn(f"the policy {name!r} is not run", line)
            if name in ("MemoizationPolicy", "AugmentedMemoizationPolicy"):
                memory.append(_integer(body.get("max_history")))
            if name == "RulePolicy":
                settings = replace(
                    settings,
                    fallback_enabled=body.get("enable_fallback_prediction", True) is not False,
                    fallback_threshold=self._number(body, "core_fallback_threshold", 0.3),
                    fallback_action=str(
                        body.get("core_fallback_action_name") or "action_default_fallback"
                    ),
                    restrict_rules=body.get("restrict_rules", True) is not False,
                    check_contradictions=body.get("check_for_contradictions", True) is not False,
                )
            if name == "TEDPolicy":
                settings = replace(
                    settings, trained_max_history=min(_integer(body.get("max_history")) or 8, 16)
                )
        if named and "RulePolicy" not in named:
            settings = replace(settings, fallback_enabled=False)
        return replace(
            settings,
            max_history=memory[0] if memory else None,
            trained=not listed or "TEDPolicy" in named,
        )

    def assistant(self, *, has_faq: bool) -> AssistantSettings:
        body = self._config.get("lingxi")
        enabled = (body is not None and body is not False) or has_faq
        threshold, ambiguity = self._pipeline()
        settings = AssistantSettings(
            enabled=enabled, nlu_threshold=threshold, nlu_ambiguity=ambiguity
        )
        if not isinstance(body, Map):
            return settings
        known = {one.name: one for one in fields(AssistantSettings)}
        chosen: dict[str, Any] = {}
        for key, value in body.items():
            if key not in known:
                hint = did_you_mean(key, tuple(known))
                self._warn(f"unknown setting {key!r} under `lingxi:`", line_of(body, key), hint)
                continue
            default = getattr(settings, key)
            if isinstance(default, tuple):
                chosen[key] = tuple(str(v) for v in value or ())
            elif isinstance(default, bool):
                chosen[key] = bool(value)
            elif isinstance(default, int | float) and isinstance(value, int | float):
                chosen[key] = type(default)(value)
            elif isinstance(default, Mapping) and isinstance(value, Mapping):
                chosen[key] = value
            else:
                self._report.error(
                    f"expected `{key}` to be like {default!r}, got {value!r}",
                    self._file,
                    line_of(body, key),
                )
        return replace(settings, **chosen)

    def imports(self) -> Iterator[Path]:
        """Folders and files that ``MultiProjectImporter`` adds to the project."""
        many = False
        for item, line in items(self._listed("importers")):
            name = str(item.get("name")) if isinstance(item, Map) else str(item)
            many = many or name.endswith("MultiProjectImporter")
            if not name.endswith(("RasaFileImporter", "MultiProjectImporter")):
                self._warn(f"the importer {name!r} is not run; the project's own files count", line)
        for item, line in items(self._listed("imports")):
            path = self._file.parent / str(item)
            if not many:
                hint = "write `importers: [{name: MultiProjectImporter}]` beside it"
                self._warn(f"the import {str(item)!r} is not followed", line, hint)
            elif path.exists():
                yield path
            else:
                self._report.error(f"expected a project to import in {path}", self._file, line)

    def _pipeline(self) -> tuple[float, float]:
        """Threshold and ambiguity of the ``FallbackClassifier``; without one, zeros."""
        thresholds = 0.0, 0.0
        for item, line in items(self._config.get("pipeline")):
            body = item if isinstance(item, Map) else _named(item)
            name = self._name(body, line, "component")
            if name is None:
                continue
            if name not in _OUR_COMPONENTS:
                self._warn(
                    f"the NLU component {body['name']!r} is not run; Lingxi's own engine "
                    "understands instead",
                    line,
                )
            if name == "FallbackClassifier":
                thresholds = (
                    self._number(body, "threshold", 0.3),
                    self._number(body, "ambiguity_threshold", 0.1),
                )
        return thresholds

    def _listed(self, key: str) -> Any:
        value = self._config.get(key)
        if value is not None and not isinstance(value, list):
            self._report.error(
                f"expected a list under `{key}:`, got {value!r:.60}",
                self._file,
                line_of(self._config, key),
                "write one `- name: ...` per line",
            )
        return value

    def _name(self, body: Map, line: int | None, what: str) -> str | None:
        if body.get("name"):
            return str(body["name"]).rsplit(".", 1)[-1]
        hint = next(filter(None, (did_you_mean(key, ("name",)) for key in body)), None)
        self._report.error(
            f"expected the {what}'s `name:`", self._file, line, hint or "write `- name: ...`"
        )
        return None

    def _number(self, body: Map, key: str, default: float) -> float:
        value = body.get(key)
        if value is None:
            return default
        if not is_number(value):
            self._report.error(
                f"expected a number for `{key}`, got {value!r:.60}", self._file, line_of(body, key)
            )
            return default
        return float(value)

    def _warn(self, message: str, line: int | None, hint: str | None = None) -> None:
        self._report.warn(message, self._file, line, hint)


def action_url(endpoints: Map, file: Path, report: Report) -> str | None:
    """``action_endpoint.url``, where custom actions run; None when they run in process."""
    for section, instead in _DONE_OTHERWISE.items():
        if endpoints.get(section):
            at = line_of(endpoints, section)
            report.warn(f"`{section}:` is not used; {instead}", file, at)
    endpoint = endpoints.get("action_endpoint")
    if endpoint is None:
        return None
    url = endpoint.get("url") if isinstance(endpoint, Map) else None
    if isinstance(url, str):
        url = expandvars(url)  # Rasa puts variables into the files it reads, `${ACTION_URL}`
        if "${" in url:
            report.warn(
                f"the environment does not say what {url} is",
                file,
                line_of(endpoint, "url"),
                "set the variable; until then the actions run in process",
            )
            return None
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        report.error(
            f"expected `url:` under `action_endpoint:`, got {endpoint!r:.60}",
            file,
            line_of(endpoints, "action_endpoint"),
            "write `url: http://localhost:5055/webhook` under it",
        )
        return None
    return url


def check_channels(credentials: Map, file: Path, report: Report) -> None:
    for channel in credentials:
        if channel not in _OPEN_CHANNELS:
            report.warn(
                f"the channel {channel!r} is not opened; Lingxi has its own widget and the REST "
                "channel",
                file,
                line_of(credentials, channel),
            )


def _named(item: Any) -> Map:
    body = Map()
    body.lines = {}
    body["name"] = str(item) if item is not None else None
    return body


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
