"""The portal wired for a test: its templates are compiled once in a run, not once in each portal."""

from __future__ import annotations

from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from starlette.applications import Starlette

from portal.app import create_app
from portal.settings import Settings


class Compiled(BytecodeCache):
    """What Jinja made of each template, good for as long as its text stays the same."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType] = {}
        self.files: BytecodeCache | None = None
        """The portal's own cache: what other processes made."""

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))
        if bucket.code is None and self.files is not None:
            self.files.load_bytecode(bucket)
            if bucket.code is not None:
                self.kept[bucket.key, bucket.checksum] = bucket.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self.kept[bucket.key, bucket.checksum] = bucket.code
        if self.files is not None:
            self.files.dump_bytecode(bucket)


COMPILED = Compiled()


def wired(settings: Settings) -> Starlette:
    """The portal for these settings."""
    app = create_app(settings)
    COMPILED.files, app.state.templates.bytecode_cache = app.state.templates.bytecode_cache, COMPILED
    return app
