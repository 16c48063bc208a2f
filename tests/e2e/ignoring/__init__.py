"""Sample projects of many kinds, built before and after `context init`."""
