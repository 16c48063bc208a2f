"""Real images, built and saved by real engines, measured from every form they come in."""
