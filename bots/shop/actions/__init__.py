"""The shop's actions: ordinary rasa-sdk actions over a table of demo orders."""
