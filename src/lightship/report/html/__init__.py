"""Results as pages: one file each, with nothing from elsewhere."""
