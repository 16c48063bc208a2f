"""Layer blobs and tars: read, indexed, cached."""
