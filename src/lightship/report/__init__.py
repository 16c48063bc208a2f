"""Result to text and JSON. Pure: no I/O, no decisions."""
