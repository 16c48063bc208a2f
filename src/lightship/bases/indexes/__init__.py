"""What distributions offer to install: readers of their package indexes, one format a file."""
