"""What a real build asks for of its context."""
