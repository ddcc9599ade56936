"""Gives every test the real parts of tests/parts.py, and patience: a busy machine fails no test."""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.parts"]

# In CI the same examples come each time: what fails there fails here.
settings.register_profile(
    "portal", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("portal")
