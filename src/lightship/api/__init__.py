"""The public functions, one file each: open, measure, return a result."""
