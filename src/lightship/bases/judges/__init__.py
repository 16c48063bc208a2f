"""One file per question that is asked of a move: `judge(move)` gives reasons, or none."""
