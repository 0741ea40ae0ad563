"""Trains a model folder from labelled examples. For the command line; serving never loads it."""

from nlu.train.trainer import TrainOptions, train_model

__all__ = ["TrainOptions", "train_model"]
