"""A try to sign in says from which known browser it came, if from one."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, DateTimeField

from portal.migrations.reshape import reshape


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class SignInFailure(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    account = CharField(64, index=True)
    address = CharField(64, index=True)
    device = CharField(64)
    at = DateTimeField(index=True)

    class Meta:
        table_name = "sign_in_failure"


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx([SignInFailure]):
        reshape(db, SignInFailure, {"device": "''"})
