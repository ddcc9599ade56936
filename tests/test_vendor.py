"""What the portal serves from others is unmodified, licensed and listed with its hash."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

VENDOR = Path(__file__).parent.parent / "static" / "vendor"
LISTED: dict[str, dict[str, Any]] = json.loads((VENDOR / "vendor.json").read_text())


def test_every_folder_is_listed_and_named_by_its_version() -> None:
    assert {path.name for path in VENDOR.iterdir() if path.is_dir()} == set(LISTED)
    for folder, entry in LISTED.items():
        assert folder.endswith(f"-{entry['version']}")


@pytest.mark.parametrize("folder", LISTED)
def test_files_are_exactly_those_listed_and_unmodified(folder: str) -> None:
    files = {
        path.relative_to(VENDOR / folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (VENDOR / folder).rglob("*")
        if path.is_file()
    }
    assert files == LISTED[folder]["sha256"]


@pytest.mark.parametrize("folder", LISTED)
def test_licence_lies_beside_the_files(folder: str) -> None:
    text = " ".join((VENDOR / folder / "LICENSE").read_text().split())
    assert "Permission is hereby granted" in text or "and/or distribute this software" in text


def test_first_visit_leaves_room_for_our_own_files() -> None:
    """DESIGN 12: 150 KB compressed for the first page in all; the vendored part may take 100 of them."""
    first = [VENDOR / "htmx-4.0.1" / "htmx.min.js", VENDOR / "tabler-1.6.1" / "tabler.min.css"]
    assert sum(len(gzip.compress(path.read_bytes())) for path in first) < 100_000
