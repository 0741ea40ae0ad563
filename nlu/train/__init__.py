"""Trains a model folder from labelled examples. For the command line; serving never loads it."""

import os

# Read when torch is loaded, hence before it. Threads that wait by spinning take from each other,
# and from whatever else the machine does, the very cores they wait for: measured on two busy cores,
# tuning took three times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from nlu.train.trainer import TrainOptions, train_model

__all__ = ["TrainOptions", "train_model"]
