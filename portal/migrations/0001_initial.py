"""The first schema."""

from portal.migrations import models


def up(migrator, db):
    db.create_tables(models())
