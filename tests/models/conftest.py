"""What the tests of the models share."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets, which are not part of the project; without it the test is skipped."""
    folder = ROOT / os.environ.get("PORTAL_SHARED", "../shared") / "data"
    if not folder.is_dir():
        pytest.skip(f"the public data sets are not here: set PORTAL_SHARED ({folder.parent} has no data)")
    return folder
