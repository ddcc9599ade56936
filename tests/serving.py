"""The portal as people run it: `portal serve` in a process of its own, which can be killed and started again."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from portal.settings import ROOT
from tests.parts import answers, ended, free_port, launch, wait_until


@dataclass
class Served:
    """A portal on its own data folder."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        environment = os.environ | {"PORTAL_DATA": str(self.folder), "PORTAL_PORT": str(self.port)}
        command = [sys.executable, "-m", "portal", "serve"]
        self.process = launch(command, self.folder, env=environment | {"PYTHONPATH": str(ROOT)})
        wait_until(lambda: answers(f"{self.url}/sign-in"), self.process, self.folder)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """Stop it politely."""
        if self.process is not None:
            self.process.terminate()
            ended(self.process)
