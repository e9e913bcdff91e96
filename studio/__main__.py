"""`python -m studio [FILES…] [--sample] [--tour FOLDER]`: the window."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, and run the window or its tour.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="python -m studio", description="The Espalier window.")
    parser.add_argument("files", nargs="*", help="models, data, recipes or a project to open")
    parser.add_argument("--sample", action="store_true", help="open the sample")
    parser.add_argument("--tour", metavar="FOLDER", help="photograph every view, then end")
    parser.add_argument("--architecture", default="", help="FILE.py:FACTORY, for weights alone")
    parser.add_argument("--trust", action="store_true", help="the files may run code")
    asked = parser.parse_args(arguments)
    if asked.tour:
        from studio.tour import tour

        return tour(asked.tour)
    from studio.app import Start, run

    start = Start(tuple(asked.files), asked.sample, asked.architecture, asked.trust)
    return run(start)


if __name__ == "__main__":
    sys.exit(main())
