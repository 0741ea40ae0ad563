"""Imports point one way: what `docs` and README promise about the layout, read from the source.

`nlu` knows nothing of ours, `dialogue` knows `nlu.types`, `app` knows both. Inside a domain of
`app`: endpoints|gateway -> service -> repository -> models; of another domain its service, or what
it publishes: names and shapes that hold no SQL and no engine.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOMAINS = frozenset(
    {
        "analytics",
        "auth",
        "channels",
        "chat",
        "desk",
        "faq",
        "files",
        "handoff",
        "hearing",
        "help",
        "keys",
        "privacy",
        "training",
        "voice",
        "webhooks",
        "widget",
    }
)
PUBLISHED = frozenset(
    {
        "service",
        "reader",
        "types",
        "events",
        "agent_events",
        "happenings",
        "hints",
        "hub",
        "messages",
        "ownership",
        "clocks",
        "views",
        "dependencies",
        "cookies",
        "tokens",
    }
)
ENGINES = (
    "nlu.engine",
    "dialogue.assistant",
    "dialogue.actions.http",
    "dialogue.actions.in_process",
    "dialogue.generate.local_backend",
    "dialogue.generate.openai_backend",
)
TRAINERS = (
    "nlu.train",
    "nlu.evaluate",
    "dialogue.testing",
    "dialogue.generate.tune",
    "dialogue.knowledge.reading.learn",
    "dialogue.knowledge.reading.lessons",
)
RANKS = {"endpoints": 3, "gateway": 3, "agent_gateway": 3, "service": 2, "repository": 1}


@dataclass(frozen=True)
class Import:
    source: str
    target: str

    def __str__(self) -> str:
        return f"{self.source} imports {self.target}"


def inside(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def domain(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "app" and len(parts) > 1 and parts[1] in DOMAINS else None


def role(module: str) -> str:
    """``endpoints``, ``service``, ...; a large domain has several repositories."""
    name = module.split(".")[-1]
    return "repository" if name.endswith("_repository") else name


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(tree: ast.AST, modules: set[str]) -> Iterator[str]:
    """Also those inside functions: a hidden cycle is a cycle."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            for name in node.names:
                whole = f"{node.module}.{name.name}"
                yield whole if whole in modules else str(node.module)


@pytest.fixture(scope="module")
def imports() -> list[Import]:
    files = {
        module_name(path): path
        for top in ("app", "nlu", "dialogue")
        for path in ROOT.glob(f"{top}/**/*.py")
    }
    return [
        Import(source, target)
        for source, path in files.items()
        for target in imported(ast.parse(path.read_text("utf-8")), set(files))
    ]


def into_nlu(i: Import) -> bool:
    return inside(i.source, "nlu") and inside(i.target, "app", "dialogue", "bots")


def past_nlu_types(i: Import) -> bool:
    return inside(i.source, "dialogue") and (
        inside(i.target, "app", "bots") or (inside(i.target, "nlu") and i.target != "nlu.types")
    )


def trainer_in_the_server(i: Import) -> bool:
    return inside(i.target, *TRAINERS) and not inside(i.source, "app.cli", *TRAINERS)


def second_builder(i: Import) -> bool:
    """Engines are built in one place."""
    return (
        inside(i.source, "app")
        and inside(i.target, *ENGINES)
        and not inside(i.source, "app.main", "app.cli")
    )


def upwards_in_a_domain(i: Import) -> bool:
    return domain(i.source) is not None and RANKS.get(role(i.source), 9) < RANKS.get(
        role(i.target), 0
    )


def repository_by_another_than_its_services(i: Import) -> bool:
    return (
        inside(i.target, "app")
        and role(i.target) == "repository"
        and (domain(i.source) != domain(i.target) or RANKS.get(role(i.source), 2) != 2)
    )


def tables_at_the_edge(i: Import) -> bool:
    at_edge = RANKS.get(role(i.source)) == 3
    return at_edge and inside(i.target, "app.models") and i.target != "app.models.base"


def another_domains_inside(i: Import) -> bool:
    own, other = domain(i.source), domain(i.target)
    return (
        own is not None and other is not None and own != other and role(i.target) not in PUBLISHED
    )


def sql_outside_repositories(i: Import) -> bool:
    return (
        domain(i.source) is not None
        and inside(i.target, "sqlalchemy")
        and i.target != "sqlalchemy.orm"
        and role(i.source) != "repository"
    )


@pytest.mark.parametrize(
    "forbidden",
    [
        into_nlu,
        past_nlu_types,
        trainer_in_the_server,
        second_builder,
        upwards_in_a_domain,
        repository_by_another_than_its_services,
        tables_at_the_edge,
        another_domains_inside,
        sql_outside_repositories,
    ],
    ids=lambda rule: rule.__name__,
)
def test_no_import_goes(forbidden: Callable[[Import], bool], imports: list[Import]) -> None:
    assert not [str(found) for found in imports if forbidden(found)]


def test_the_rules_see_imports(imports: list[Import]) -> None:
    """A rule that sees nothing forbids nothing."""
    assert Import("app.main", "nlu.engine.engine") in imports
    assert Import("app.chat.service", "app.chat.repository") in imports
    assert past_nlu_types(Import("dialogue.turn", "nlu.engine"))
    assert repository_by_another_than_its_services(Import("app.main", "app.chat.repository"))
    assert another_domains_inside(Import("app.auth.logins", "app.chat.agent_gateway"))


RUNS_WHAT_IT_READS = ("pickle", "dill", "joblib", "shelve", "marshal")
UNSAFE_CALLS = ("torch.load", "yaml.unsafe_load", "yaml.full_load", "eval", "exec")


def test_no_reader_of_weights_runs_what_it_reads(imports: list[Import]) -> None:
    """Files come from registries, uploads and other people: arrays and JSON alone, no pickles."""
    assert not [str(found) for found in imports if inside(found.target, *RUNS_WHAT_IT_READS)]
    unsafe = []
    for top in ("app", "nlu", "dialogue"):
        for path in ROOT.glob(f"{top}/**/*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    called = ast.unparse(node.func)
                    pickles = any(
                        k.arg == "allow_pickle" and ast.unparse(k.value) != "False"
                        for k in node.keywords
                    )
                    if called in UNSAFE_CALLS or pickles:
                        unsafe.append(f"{module_name(path)}: {ast.unparse(node)[:80]}")
    assert unsafe == []
