"""Image and plan to a new image: squash, clean, recompress; nothing is kept without its proof."""
