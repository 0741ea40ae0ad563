"""Tunes the local language model on dialogues that we wrote. The command line alone imports it."""
