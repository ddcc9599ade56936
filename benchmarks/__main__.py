"""Every budget of pages, of the month's close and of imports, each with PASS or OVER: `make bench`.

python -m benchmarks [FOLDER]      FOLDER: made by benchmarks.data --demo; a smaller one is made when absent
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import imports, money, pages


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("folder", type=Path, nargs="?")
    given.add_argument("--scale", type=float, default=0.05, help="of the company whose month is closed")
    args = given.parse_args()
    kept = pages.run(args.folder)
    kept[f"a month's close within {money.MOST}x of the bare SQL"] = money.measure(args.scale, months=12)
    kept |= imports.measure()
    pages.tell(kept)
    sys.exit(not all(kept.values()))


if __name__ == "__main__":
    main()
