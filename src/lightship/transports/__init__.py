"""One file per transport: open an image."""
