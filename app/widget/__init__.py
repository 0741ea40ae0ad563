"""What the owner decides about the widget: looks, words, questions before the chat, office hours."""
