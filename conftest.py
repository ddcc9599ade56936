"""Gives every test the real parts of tests/parts.py, and patience: a busy machine fails no test."""

import gc
import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.parts"]

# In CI the same examples come each time: what fails there fails here.
settings.register_profile(
    "portal", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("portal")

# Where there is room, what the tests write stays in memory: nothing of it outlives them.
MEMORY = Path("/dev/shm")  # noqa: S108 - each user's folder in it is made by pytest for that user alone
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 4 << 30:
    tempfile.tempdir = str(MEMORY)


def pytest_collection_finish() -> None:
    """Leave out of each garbage collection what the tests hold to the end, as a portal that serves does, and
    look less often: what a statement is put together from is mostly gone without it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
