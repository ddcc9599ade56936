"""Files that stand in texts."""

from __future__ import annotations

from portal.jobs.registry import SLOW_LOOPS
from portal.models.files.file_texts import FileText

SLOW_LOOPS.append(FileText.read_next)
