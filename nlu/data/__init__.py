"""Labelled examples from any of the formats that bots come in."""

from nlu.data.examples import DataError, DataSet, EntitySpan, Example, Problem
from nlu.data.load import load_data

__all__ = ["DataError", "DataSet", "EntitySpan", "Example", "Problem", "load_data"]
