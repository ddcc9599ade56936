"""What others made is opened in a process of its own, with bounds: what a damaged file does to its reader, it
does to that.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any


def read(
    reader: Path, asked: Mapping[str, Any], data: bytes, *, seconds: int, complaints: IO[bytes] | None = None
) -> bytes | None:
    """What a reader of our own writes of a file that it gets as its input; None when it failed, took longer
    than so many seconds or more than its own limits. `asked` is its argument, as JSON; `complaints` is a file
    for what it complains of.
    """
    with tempfile.TemporaryFile() as told:  # whose size can be bounded, as what comes through a pipe cannot
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and file; what is asked is data to it
                [sys.executable, "-I", reader, json.dumps(asked)],
                input=data,
                stdout=told,
                stderr=complaints or subprocess.DEVNULL,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
        if done.returncode != 0:
            return None
        told.seek(0)
        return told.read()
