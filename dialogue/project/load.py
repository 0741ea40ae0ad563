"""Loads a bot project: any folder in the Rasa 2.8 or 3.x format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from dialogue.domain import Domain
from dialogue.project.action_files import check_imports
from dialogue.project.domain_files import DOMAIN_KEYS, DomainReader
from dialogue.project.model import (
    ActionStep,
    AssistantSettings,
    LoopStep,
    OrStep,
    PolicySettings,
    Project,
    SlotStep,
    Step,
    Story,
    UserStep,
)
from dialogue.project.problems import ProjectError, Report, did_you_mean
from dialogue.project.story_files import STORY_KEYS, StoryReader
from dialogue.project.yaml_nodes import Map, items, line_of, read_text, read_yaml, top_keys

_SKIPPED_DIRS = {"node_modules", "__pycache__", "venv", "env"}
_SKIPPED_AT_ROOT = {"models", "results", "faq", "var"}
"""Made by training and testing, or the knowledge's; inside ``data/`` such a name means nothing."""
_NOT_DATA = {"config.yml", "config.yaml", "credentials.yml", "endpoints.yml", "docker-compose.yml"}
_DOMAIN_PLACES = ("domain.yml", "domain.yaml", "domain")
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


def load_project(root: Path) -> Project:
    """Read the project in `root`.

    Errors: `ProjectError` with every error found, each with file, line and, where one is known,
    what to do. What cannot be honoured is in `Project.warnings`.
    """
    report = Report()
    if not root.is_dir():
        report.error(f"expected a folder with a bot project, got {root}")
        raise ProjectError(report.errors)
    reader = _ProjectReader(root, report)
    project = reader.load()
    if report.errors:
        raise ProjectError(report.errors, report.warnings)
    return project


class _ProjectReader:
    def __init__(self, root: Path, report: Report) -> None:
        self._root = root
        self._report = report
        self._domain = DomainReader(report)
        self._stories = StoryReader(report)
        self._tests = StoryReader(report)
        self._training_files: list[Path] = []
        self._dialogue_files: list[Path] = []

    def load(self) -> Project:
        config = self._optional_yaml("config.yml", "config.yaml", "data/config.yml")
        endpoints = self._optional_yaml("endpoints.yml", "endpoints.yaml")
        for file in self._yaml_files():
            self._read(file)
        if not self._domain.sources:
            self._report.error(
                "no domain found", self._root, None, "add domain.yml with intents and responses"
            )
        domain = self._domain.domain()
        stories, rules, tests = self._stories.stories, self._stories.rules, self._tests.stories
        domain = self._check_references(domain, [*stories, *rules], tests)
        endpoint = endpoints.get("action_endpoint")
        actions_dir = self._actions_dir()
        if actions_dir is not None and not endpoint:
            check_imports(actions_dir, self._report)
        return Project(
            root=self._root,
            name=self._root.resolve().name,
            language=str(config.get("language") or "en"),
            domain=domain,
            stories=tuple(stories),
            rules=tuple(rules),
            tests=tuple(tests),
            policies=self._policies(config),
            assistant=self._assistant(config),
            config=config,
            warnings=tuple(self._report.warnings),
            training_files=tuple(self._training_files),
            dialogue_files=tuple(self._dialogue_files),
            actions_dir=actions_dir,
            action_endpoint=str(endpoint["url"])
            if isinstance(endpoint, Mapping) and endpoint.get("url")
            else None,
        )

    def _actions_dir(self) -> Path | None:
        for path in (self._root / "actions", self._root / "actions.py"):
            if path.is_file() or (path.is_dir() and any(path.rglob("*.py"))):
                return path
        return None

    def _optional_yaml(self, *names: str) -> Map:
        for name in names:
            file = self._root / name
            if file.is_file():
                found = read_yaml(file, self._report)
                if found is not None:
                    return found
        empty = Map()
        empty.lines = {}
        return empty

    def _yaml_files(self) -> Iterator[Path]:
        for file in sorted(self._root.rglob("*")):
            parts = file.relative_to(self._root).parts
            if parts[0] in _SKIPPED_AT_ROOT or any(
                part in _SKIPPED_DIRS or part.startswith(".") for part in parts
            ):
                continue
            if file.suffix.lower() in (".yml", ".yaml") and file.is_file():
                if parts[-1] not in _NOT_DATA:
                    yield file
            elif file.suffix == ".md" and "data" in parts[:-1] and parts[-1] != "README.md":
                self._report.warn(
                    "Markdown training data is Rasa 1's format and is not read",
                    file,
                    None,
                    "convert it with `rasa data convert`",
                )

    def _read(self, file: Path) -> None:
        text = read_text(file, self._report)
        if text is None:
            return
        keys = top_keys(text)
        parts = file.relative_to(self._root).parts
        is_test = file.name.startswith("test_")
        is_data = self._is_training(parts)
        if is_data and not is_test and "nlu" in keys:
            self._training_files.append(file)
        wanted = keys & (DOMAIN_KEYS | STORY_KEYS)
        if not wanted or (wanted <= {"config"} and "intents" not in keys):
            if is_data and not keys and text.strip() and not text.lstrip().startswith("#"):
                read_yaml(file, self._report, text)  # says what is wrong with it
            return
        if not is_test and not is_data and not self._is_domain(parts, keys):
            return
        data = read_yaml(file, self._report, text)
        if data is None:
            return
        if is_test:
            self._tests.read(data, file)
            return
        self._dialogue_files.append(file)
        if is_data:
            self._stories.read(data, file)
        self._domain.read(data, file)

    def _is_training(self, parts: tuple[str, ...]) -> bool:
        if (self._root / "data").is_dir():
            return parts[0] == "data"
        folders = parts[:-1]
        return not any(part.lower().startswith("test") for part in folders)

    def _is_domain(self, parts: tuple[str, ...], keys: set[str]) -> bool:
        """``domain.yml`` or the folder ``domain/``; without either, whatever looks like one."""
        if any((self._root / name).exists() for name in _DOMAIN_PLACES):
            return parts[0] in _DOMAIN_PLACES
        if any(part.lower().startswith("test") for part in parts[:-1]):
            return False
        if parts[0] == "actions":
            return False
        named = parts[0].lower().startswith("domain")
        return named or bool(keys & {"intents", "responses", "slots", "forms", "actions"})

    def _check_references(
        self, domain: Domain, training: list[Story], tests: list[Story]
    ) -> Domain:
        """Name what the stories use and the domain lacks; unknown actions are added to it."""
        checker = _References(domain, self._report)
        for story in training:
            checker.check(story)
        for story in tests:
            checker.check(story)
        if not checker.missing_actions:
            return domain
        names = (*domain.action_names, *checker.missing_actions)
        return replace(domain, action_names=names)

    def _policies(self, config: Map) -> PolicySettings:
        settings = PolicySettings()
        listed = config.get("policies")
        file = self._root / "config.yml"
        for item, line in items(config.get("pipeline")):
            name = str(item.get("name")) if isinstance(item, Map) else str(item)
            if name.rsplit(".", 1)[-1] not in _OUR_COMPONENTS:
                self._report.warn(
                    f"the NLU component {name!r} is not run; Lingxi's own engine understands "
                    "instead",
                    file,
                    line,
                )
        memory: list[int | None] = []
        named: set[str] = set()
        for item, line in items(listed):
            body = item if isinstance(item, Map) else {"name": str(item)}
            name = str(body.get("name")).rsplit(".", 1)[-1]
            named.add(name)
            if name in _OLD_POLICIES:
                self._report.warn(f"the policy {name!r} is Rasa 1's and is not run", file, line)
            elif name not in _POLICIES:
                self._report.warn(f"the policy {name!r} is not run", file, line)
            if name in ("MemoizationPolicy", "AugmentedMemoizationPolicy"):
                memory.append(_integer(body.get("max_history")))
            if name == "RulePolicy":
                settings = replace(
                    settings,
                    fallback_enabled=body.get("enable_fallback_prediction", True) is not False,
                    fallback_threshold=_float(body.get("core_fallback_threshold"), 0.3),
                    fallback_action=str(
                        body.get("core_fallback_action_name") or "action_default_fallback"
                    ),
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

    def _assistant(self, config: Map) -> AssistantSettings:
        file = self._root / "config.yml"
        body = config.get("lingxi")
        enabled = (body is not None and body is not False) or (self._root / "faq").is_dir()
        settings = AssistantSettings(enabled=enabled)
        threshold, ambiguity = _fallback_classifier(config)
        settings = replace(settings, nlu_threshold=threshold, nlu_ambiguity=ambiguity)
        if not isinstance(body, Map):
            return settings
        known = {one.name: one for one in fields(AssistantSettings)}
        chosen: dict[str, Any] = {}
        for key, value in body.items():
            if key not in known:
                self._report.warn(
                    f"unknown setting {key!r} under `lingxi:`",
                    file,
                    line_of(body, key),
                    did_you_mean(key, tuple(known)),
                )
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
                    file,
                    line_of(body, key),
                )
        return replace(settings, **chosen)


def _fallback_classifier(config: Map) -> tuple[float, float]:
    """Threshold and ambiguity of the pipeline's ``FallbackClassifier``; without one, zeros."""
    for item, _ in items(config.get("pipeline")):
        if isinstance(item, Map) and str(item.get("name")).endswith("FallbackClassifier"):
            threshold = _float(item.get("threshold"), 0.3)
            return threshold, _float(item.get("ambiguity_threshold"), 0.1)
    return 0.0, 0.0


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _float(value: Any, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default


class _References:
    def __init__(self, domain: Domain, report: Report) -> None:
        self._domain = domain
        self._report = report
        self._actions = set(domain.action_names)
        self._retrieval = {
            name.split("/", 1)[0].removeprefix("utter_") for name in domain.responses if "/" in name
        }
        self.missing_actions: dict[str, None] = {}

    def check(self, story: Story) -> None:
        for step in (*story.conditions, *story.steps):
            self._check_step(step, story.file)
        if story.is_rule:
            messages = sum(isinstance(s, UserStep | OrStep) for s in story.steps)
            if messages > 1:
                self._report.warn(
                    f"the rule {story.name!r} has {messages} messages of the customer; Rasa "
                    "allows one",
                    story.file,
                    story.line,
                    "write it as a story",
                )

    def _check_step(self, step: Step, file: Path) -> None:
        domain, report = self._domain, self._report
        match step:
            case UserStep(intent=str(intent)):
                base = intent.split("/", 1)[0]
                if base not in domain.intents and base not in self._retrieval:
                    report.dangling("intent", base, tuple(domain.intents), file, step.line)
                for entity in step.entities:
                    if entity.entity not in domain.entities:
                        report.dangling("entity", entity.entity, domain.entities, file, step.line)
            case ActionStep(text=None):
                base = step.name.split("/", 1)[0]
                if base not in self._actions and step.name not in self._actions:
                    self.missing_actions[step.name] = None
                    known = tuple(self._actions)
                    report.dangling("action", step.name, known, file, step.line)
            case SlotStep():
                for name, _ in step.slots:
                    if name not in domain.slots:
                        report.dangling("slot", name, tuple(domain.slots), file, step.line)
            case LoopStep(name=str(name)):
                if not domain.is_loop(name):
                    report.dangling("form", name, tuple(domain.forms), file, step.line)
            case OrStep():
                for one in step.alternatives:
                    self._check_step(one, file)
