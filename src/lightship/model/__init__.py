"""Plain frozen types: digests, documents, image and layer, entries, references, results."""
