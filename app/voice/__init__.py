"""Speech: a message's text in, a cached sound clip out."""
