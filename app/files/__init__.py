"""Files and pictures that customers and agents send: taken, checked, kept, handed out."""
