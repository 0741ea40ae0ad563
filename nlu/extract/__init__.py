"""Entities by rule, beside the encoder's: regexes, lookup tables, synonyms, and the merge."""
