"""From a message as it is read to the words that are said."""
