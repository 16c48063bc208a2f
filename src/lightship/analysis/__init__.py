"""Image to facts, one question per file."""
