"""What was freed is given back."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from portal.settings import ROOT

HELD = """
import re, sys
from portal import memory

def held():
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024

if sys.argv[1] == "mended":
    memory.give_back()
before = held()
for size in (8, 16, 24, 30):  # each frees a larger piece than the one before, as hashes and exports do
    bytearray(size << 20)
pieces = [bytearray(4 << 20) for _ in range(15)]
above = [bytearray(3000) for _ in range(500)]  # what is kept lies behind them
del pieces
print(held() - before)
"""


def held(how: str) -> int:
    """Megabytes that stay of 60 that were freed."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HELD, how]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return int(told.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_was_freed_goes_back_to_the_system() -> None:
    assert held("mended") < 10
