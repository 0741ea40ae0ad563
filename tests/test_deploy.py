"""What is deployed fits what is there: settings by their names, figures by theirs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml
from sqlalchemy import make_url

from app.config import Settings
from app.limits import RateLimits
from app.metrics import Metrics

DEPLOY = Path(__file__).parent.parent / "deploy"
WATCHED = {"lingxi_open_sockets", "lingxi_turns_running"}
"""Added in `app.main`."""


def test_settings_named_in_the_deployment_exist() -> None:
    there = {f"LINGXI_{name.upper()}" for name in Settings.model_fields}
    for name in ("Containerfile", "compose.yaml", "lingxi.service"):
        named = set(re.findall(r"LINGXI_[A-Z_]+", (DEPLOY / name).read_text("utf-8")))
        assert named
        assert named <= there, name


def test_compose_waits_for_what_the_app_needs() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    assert set(services) == {"app", "database", "redis"}
    assert set(services["app"]["depends_on"]) == {"database", "redis"}
    for name in ("database", "redis"):
        assert "healthcheck" in services[name]


def test_what_compose_tells_the_app_is_enough_to_start_it() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    told = compose["services"]["app"]["environment"]
    given = {name.removeprefix("LINGXI_").lower(): filled_in(text) for name, text in told.items()}
    settings = Settings(environment="production", **given)
    assert make_url(settings.sqlalchemy_url).password == "x" * 32
    RateLimits({"send": settings.message_rate}, settings.redis_url)


def filled_in(text: str) -> str:
    """With a secret for each variable, as compose does it."""
    return re.sub(r"\$\{\w+[^}]*\}", "x" * 32, text)


def test_the_grafana_dashboard_asks_for_figures_that_are_there() -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "lingxi.json").read_text("utf-8"))
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"lingxi_\w+", target["expr"])
    }
    there = set(re.findall(r"# TYPE (\w+)", Metrics().text().decode()))
    stems = {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked}
    assert stems <= there | WATCHED
