"""The duties of finance can be given one by one. Nobody holds one yet: all of finance keeps them."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import SQL, BigAutoField, CharField, ForeignKeyField

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField

KNOWN = (
    "CHECK (role IN ('reviewer', 'manager', 'finance', 'administrator', 'auditor', 'approver', 'closer', "
    "'payer', 'adjuster', 'payments'))"
)


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Topic(Table):
    id = BigAutoField()


class Department(Table):
    id = BigAutoField()


class RoleGrant(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    role = CharField(20)
    topic = ForeignKeyField(Topic, on_delete="CASCADE", null=True)
    department = ForeignKeyField(Department, on_delete="CASCADE", null=True)
    scope = CharField(60)
    granted_by = ForeignKeyField(Person, on_delete="SET NULL", null=True, backref="granted")

    class Meta:
        table_name = "role_grant"
        indexes = ((("person", "role", "scope"), True),)
        constraints = [SQL(KNOWN)]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Topic, Department, RoleGrant)):
        if isinstance(db, peewee.SqliteDatabase):
            reshape(db, RoleGrant, {})
        else:
            db.execute_sql('ALTER TABLE "role_grant" DROP CONSTRAINT "role_grant_role_check"')
            db.execute_sql(f'ALTER TABLE "role_grant" ADD CONSTRAINT "role_grant_role_check" {KNOWN}')
