"""The trained policy, as it runs: placeholder of its loader until a model is trained."""

from __future__ import annotations

from pathlib import Path

from dialogue.policy.ensemble import Scorer
from dialogue.project.model import Project


def load_trained(folder: Path, project: Project) -> Scorer | None:
    return None
