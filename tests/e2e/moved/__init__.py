"""Applications moved to other bases, and started there by a real engine."""
