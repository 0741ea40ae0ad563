"""Loads a bot project: any folder in the Rasa 2.8 or 3.x format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from dialogue.domain import Domain
from dialogue.project.action_files import check_imports, check_named
from dialogue.project.config_files import ConfigReader, action_url, check_channels
from dialogue.project.domain_files import DOMAIN_KEYS, DomainReader
from dialogue.project.model import Project, Story
from dialogue.project.problems import ProjectError, Report
from dialogue.project.references import References
from dialogue.project.story_files import STORY_KEYS, StoryReader
from dialogue.project.yaml_nodes import Map, read_text, read_yaml, top_keys

_SKIPPED_DIRS = {"node_modules", "__pycache__", "venv", "env"}
_SKIPPED_AT_ROOT = {"models", "results", "faq", "var"}
"""Made by training and testing, or the knowledge's; inside ``data/`` such a name means nothing."""
_NOT_DATA = {"config.yml", "config.yaml", "credentials.yml", "endpoints.yml", "docker-compose.yml"}
_FIRST_BYTES = 4096
_NO_FLOWS = "write rules, stories and forms for what they do"
_DOMAIN_PLACES = ("domain.yml", "domain.yaml", "domain")


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
        raise ProjectError(report.errors, report.warnings, project)
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
        self._taken: set[Path] = set()
        """What was read; an import may lead to it again."""

    def load(self) -> Project:
        config, config_file = self._optional_yaml("config.yml", "config.yaml", "data/config.yml")
        url = action_url(*self._optional_yaml("endpoints.yml", "endpoints.yaml"), self._report)
        check_channels(*self._optional_yaml("credentials.yml", "credentials.yaml"), self._report)
        settings = ConfigReader(config, config_file, self._report)
        for file in self._yaml_files():
            self._read(file)
        self._import(settings, {self._root.resolve()})
        if not self._domain.sources:
            self._report.error(
                "no domain found", self._root, None, "add domain.yml with intents and responses"
            )
        domain = self._domain.domain()
        stories, rules, tests = self._stories.stories, self._stories.rules, self._tests.stories
        policies = settings.policies()
        checker = References(domain, self._report)
        checker.check_policies(policies, config_file)
        domain = self._check_references(checker, domain, [*stories, *rules], tests)
        actions_dir = self._actions_dir()
        if not url:
            if actions_dir is not None:
                check_imports(actions_dir, self._report)
            check_named(domain, actions_dir, self._report)
        return Project(
            root=self._root,
            name=self._root.resolve().name,
            language=str(config.get("language") or "en"),
            domain=domain,
            stories=tuple(stories),
            rules=tuple(rules),
            tests=tuple(tests),
            policies=policies,
            assistant=settings.assistant(has_faq=(self._root / "faq").is_dir()),
            config=config,
            warnings=tuple(self._report.warnings),
            training_files=tuple(self._training_files),
            dialogue_files=tuple(self._dialogue_files),
            actions_dir=actions_dir,
            action_endpoint=url,
        )

    def _actions_dir(self) -> Path | None:
        for path in (self._root / "actions", self._root / "actions.py"):
            if path.is_file() or (path.is_dir() and any(path.rglob("*.py"))):
                return path
        return None

    def _optional_yaml(self, *names: str) -> tuple[Map, Path]:
        """The first of the files that is there, and which it is; else an empty one."""
        for name in names:
            file = self._root / name
            if file.is_file():
                found = read_yaml(file, self._report)
                if found is not None:
                    return found, file
        empty = Map()
        empty.lines = {}
        return empty, self._root / names[0]

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
            elif file.suffix == ".json" and parts[0] == "data" and _is_json_nlu(file):
                self._report.warn(
                    "training data in JSON is not read",
                    file,
                    None,
                    "convert it with `rasa data convert nlu -f yaml`",
                )
            elif file.suffix == ".md" and "data" in parts[:-1] and parts[-1] != "README.md":
                self._report.warn(
                    "Markdown training data is Rasa 1's format and is not read",
                    file,
                    None,
                    "convert it with `rasa data convert`",
                )

    def _import(self, settings: ConfigReader, seen: set[Path]) -> None:
        """Read the projects that this one imports, and those that they import."""
        for path in settings.imports():
            if path.resolve() in seen:
                continue
            seen.add(path.resolve())
            files = sorted(path.rglob("*.y*ml")) if path.is_dir() else [path]
            for file in files:
                if file.name in ("config.yml", "config.yaml"):
                    config = read_yaml(file, self._report)
                    if config is not None:
                        self._import(ConfigReader(config, file, self._report), seen)
                elif file.name not in _NOT_DATA and file.resolve() not in self._taken:
                    self._read_whole(file)

    def _read_whole(self, file: Path) -> None:
        """A file of an imported project: what it holds says what it is."""
        self._taken.add(file.resolve())
        data = read_yaml(file, self._report)
        if data is None:
            return
        if file.name.startswith("test_"):
            self._tests.read(data, file)
            return
        if "nlu" in data:
            self._training_files.append(file)
        if data.keys() & (DOMAIN_KEYS | STORY_KEYS):
            self._dialogue_files.append(file)
            self._stories.read(data, file)
            self._domain.read(data, file)

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
            self._taken.add(file.resolve())
        if is_data and "flows" in keys:
            self._report.warn("flows are Rasa Pro's and are not run", file, None, _NO_FLOWS)
        wanted = keys & (DOMAIN_KEYS | STORY_KEYS)
        if not wanted or (wanted <= {"config"} and "intents" not in keys):
            if is_data and not keys and text.strip() and not text.lstrip().startswith("#"):
                read_yaml(file, self._report, text)  # says what is wrong with it
            return
        if not is_test and not is_data and not self._is_domain(parts, keys):
            return
        self._taken.add(file.resolve())
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
        self, checker: References, domain: Domain, training: list[Story], tests: list[Story]
    ) -> Domain:
        """Name what the stories use and the domain lacks; unknown actions are added to it."""
        for story in training:
            checker.check(story)
        for story in tests:
            checker.check(story)
        checker.check_joints(training)
        if not checker.missing_actions:
            return domain
        names = (*domain.action_names, *checker.missing_actions)
        return replace(domain, action_names=names)


def _is_json_nlu(file: Path) -> bool:
    """The first lines tell; other JSON is none of ours."""
    with file.open("rb") as content:
        return b'"rasa_nlu_data"' in content.read(_FIRST_BYTES)
