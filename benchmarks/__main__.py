"""Every benchmark of DESIGN section 12 for the pages that exist: `make bench`."""

from __future__ import annotations

from benchmarks import pages

if __name__ == "__main__":
    pages.main()
