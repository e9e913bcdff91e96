"""`python -m tests.bench [NAME …]`: every benchmark, or those named, each in a process of its own.

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
    names = sys.argv[1:] or known
    unknown = sorted(set(names) - set(known))
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    failed = 0
    for name in names:
        print(f"\n## {name}\n", flush=True)
        failed += subprocess.call([sys.executable, "-m", f"tests.bench.bench_{name}"]) != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
