"""`python -m disparo` is `disparo`."""

from __future__ import annotations

from disparo.entrypoints.cli import main

if __name__ == "__main__":
    main()
