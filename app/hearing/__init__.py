"""What customers say aloud, written down for them to read and change before it is sent."""
