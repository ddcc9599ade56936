"""Passkeys beside the codes of an app; spare codes stand in for both, so they are their person's; and when
the company asks for a second factor is one of several choices: what was yes is "acts", what was no "never".
"""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    BigAutoField,
    BigIntegerField,
    CharField,
    DateTimeField,
    ForeignKeyField,
    JSONField,
    TextField,
)

from portal.migrations.reshape import reshape


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Passkey(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    name = CharField(60)
    ident = CharField(64, unique=True)
    data = TextField()
    handle = CharField(64)
    counter = BigIntegerField()
    used_at = DateTimeField(null=True)


class UsedChallenge(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    digest = CharField(64, unique=True)

    class Meta:
        table_name = "used_challenge"


class SpareCode(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    digest = CharField(64)
    spent_at = DateTimeField(null=True)

    class Meta:
        table_name = "spare_code"


class Setting(Table):
    id = BigAutoField()
    name = CharField(80, unique=True)
    value = JSONField()


MEANT = {True: "acts", False: "never"}


def up(migrator: Any, db: Any) -> None:
    owner = "(SELECT person_id FROM second_factor WHERE second_factor.id = spare_code.factor_id)"
    with db.bind_ctx((Person, Passkey, UsedChallenge, SpareCode, Setting)):
        Passkey.create_table(safe=False)
        UsedChallenge.create_table(safe=False)
        reshape(db, SpareCode, {"person_id": owner})
        for chosen in Setting.select().where(Setting.name == "company.second_factor"):
            Setting.update(value=MEANT[chosen.value]).where(Setting.id == chosen.id).execute()
