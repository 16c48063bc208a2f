"""Random stacks of layers, read by lightship and by the independent applier."""
