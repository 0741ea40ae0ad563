"""Files of entries: read with every mistake named by its place, and written."""
