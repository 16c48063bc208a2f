"""One file per transport: open an image, or store one."""
