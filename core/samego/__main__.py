"""``python -m samego`` is the command ``samego``."""

from __future__ import annotations

import sys

from samego.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
