"""Judging a trained model: figures, noise, pictures, lint. Imported by the command line alone."""
