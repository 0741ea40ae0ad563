"""From words to the phonemes that the neural voice was trained on."""
