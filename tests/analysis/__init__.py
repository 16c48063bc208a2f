"""Facts read off an image."""
