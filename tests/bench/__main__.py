"""`python -m tests.bench [NAME …] [--OPTION …]`: every benchmark, or those named.

Each runs in a process of its own and is given the options; `python -m tests.bench pipeline --help`
lists those of the pipeline.

ESPALIER_DATA names a folder with real data sets and trained networks; what needs it says that it
was skipped without it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run the benchmarks; the status is the number that failed."""
    known = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    words = sys.argv[1:]
    first = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    names, options = words[:first] or known, words[first:]
    unknown = sorted(set(names) - set(known))
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    failed = 0
    for name in names:
        print(f"\n## {name}\n", flush=True)
        failed += (
            subprocess.call([sys.executable, "-m", f"tests.bench.bench_{name}", *options]) != 0
        )
    return failed


if __name__ == "__main__":
    sys.exit(main())
