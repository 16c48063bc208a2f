"""Every numbered statement about the image format that concerns reading, by its number."""
