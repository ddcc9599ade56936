"""Histories of commission played at random, every statement against an independent model of RULES 4.1.

    python -m benchmarks.pay [--histories 10000] [--minutes 60] [--first 0] [--acts 90] [--database-url URL]

Each history is one seed: people who come, move and go, deals and their money, experiences, policies, closes in any
order, in one of four time zones; on a SQLite file of its own, or the empty database of the URL. Prints how many
histories and statements were compared, and how many cents apart.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from portal.migrations import migrate
from portal.models.base import database
from tests.models.commission.player import Cast, Score, play

SHOWN = 20


def measure(histories: int, first: int, acts: int, minutes: float, url: str) -> Score:
    """Play them, or as many as the minutes allow; what differs is printed when it is found."""
    score, started, shown = Score(), time.monotonic(), 0
    with tempfile.TemporaryDirectory() as folder:
        database.connect(url or f"sqlite:///{Path(folder) / 'portal.db'}")
        migrate()
        with database.db.connection_context():
            cast = Cast.met()
            for seed in range(first, first + histories):
                if time.monotonic() - started > minutes * 60:
                    break
                play(seed, cast, score, acts=acts)
                for line in score.differences[shown:SHOWN]:
                    print(line, flush=True)
                shown = len(score.differences)
                if score.histories % 100 == 0:
                    print(f"{score.histories:,} histories, {time.monotonic() - started:,.0f} s", flush=True)
        database.db.close_all()
    return score


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--histories", type=int, default=1000)
    given.add_argument("--minutes", type=float, default=float("inf"))
    given.add_argument("--first", type=int, default=0)
    given.add_argument("--acts", type=int, default=90)
    given.add_argument("--database-url", default="", help="an empty database")
    args = given.parse_args()
    score = measure(args.histories, args.first, args.acts, args.minutes, args.database_url)
    print(", ".join(f"{name.strip('_')} {n:,}" for name, n in sorted(score.acts.items())))
    print(
        f"{score.histories:,} histories, {score.statements:,} statements, {score.cents_apart:,} cents apart, "
        f"{len(score.differences):,} differences"
    )
    sys.exit(bool(score.differences))


if __name__ == "__main__":
    main()
