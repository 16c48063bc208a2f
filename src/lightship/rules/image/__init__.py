"""Rules for images: what need not be in one, and what will not run or is not safe."""
