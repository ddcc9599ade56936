"""Gives every test the real parts of tests/parts.py."""

pytest_plugins = ["tests.parts"]
