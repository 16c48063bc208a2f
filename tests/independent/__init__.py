"""A second reading of images, written from the specification; it shares no code with lightship."""
