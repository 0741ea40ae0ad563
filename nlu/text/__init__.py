"""Text before and beside the encoder: normalising with exact offsets, words, language."""
