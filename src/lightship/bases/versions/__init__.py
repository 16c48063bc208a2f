"""Which of two versions is newer, by each package system's own ordering."""
