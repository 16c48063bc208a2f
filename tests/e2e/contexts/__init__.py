"""Build contexts, held against what real builders make of them."""
