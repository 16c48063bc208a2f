"""`python -m lightship` is `lightship`."""

from __future__ import annotations

from lightship.cli.main import main

if __name__ == "__main__":
    main()
