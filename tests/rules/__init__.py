"""Rules, and how they are asked."""
