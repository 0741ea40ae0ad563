"""Knowledge that answers: entries, the index over them, and its calibrated verdict."""
