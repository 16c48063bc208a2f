"""Results, one file per command."""
