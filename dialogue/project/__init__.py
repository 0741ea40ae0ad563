from dialogue.project.load import load_project
from dialogue.project.model import Project
from dialogue.project.problems import Problem, ProjectError

__all__ = ["Problem", "Project", "ProjectError", "load_project"]
