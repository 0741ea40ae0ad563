"""Generation that does not invent: only from passages, checked sentence by sentence."""
