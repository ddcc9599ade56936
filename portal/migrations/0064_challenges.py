"""Challenges: what a manager sets the own team as a goal."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, Check, DateField, ForeignKeyField, IntegerField

from portal.models.base.fields import NameField, UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class TeamChallenge(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    by = ForeignKeyField(Person, on_delete="RESTRICT", backref="challenges")
    title = NameField(120)
    measure = NameField(20)
    first_day = DateField()
    last_day = DateField()
    goal = IntegerField()
    called_off_at = UtcDateTimeField(null=True)
    ended_at = UtcDateTimeField(null=True)
    reached = IntegerField(null=True)

    class Meta:
        constraints = [
            Check("measure IN ('experiences', 'answers', 'uses', 'verified')"),
            Check("first_day <= last_day"),
            Check("goal > 0"),
            Check("(ended_at IS NULL) = (reached IS NULL)"),
        ]


class ChallengePerson(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    challenge = ForeignKeyField(TeamChallenge, on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="CASCADE")

    class Meta:
        indexes = ((("challenge", "person"), True),)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, TeamChallenge, ChallengePerson)):
        db.create_tables([TeamChallenge, ChallengePerson])
