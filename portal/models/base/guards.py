"""Rows that must never change, held by the database itself."""

from __future__ import annotations

from portal.models.base.database import db, is_sqlite


def forbid_changes(table: str, *, when: str = "TRUE") -> None:
    """Make the database refuse to change or delete rows for which `when`, over OLD, holds."""
    forbid_updates(table, when=when)
    forbid_deletion(table, when=when)


def forbid_updates(table: str, *, when: str) -> None:
    """Refuse updates for which `when`, over OLD and NEW, holds."""
    forbid(table, "UPDATE", when)


def forbid_deletion(table: str, *, when: str) -> None:
    """Refuse to delete rows for which `when`, over OLD, holds."""
    forbid(table, "DELETE", when)


def forbid_insert(table: str, *, when: str) -> None:
    """Refuse new rows for which `when`, over NEW, holds; it may hold a query."""
    forbid(table, "INSERT", when)


def forbid(table: str, verb: str, when: str) -> None:
    """Make the database refuse a verb (UPDATE, DELETE, INSERT) for rows of which `when` holds."""
    name = f"{table}_{verb.lower()}_guard"
    words = f"{table} is settled and never changes"
    if is_sqlite():
        db.execute_sql(
            f'CREATE TRIGGER IF NOT EXISTS "{name}" BEFORE {verb} ON "{table}" FOR EACH ROW WHEN {when} '
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )
        return
    back = "OLD" if verb == "DELETE" else "NEW"
    db.execute_sql(
        f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN '
        f"IF {when} THEN RAISE EXCEPTION '{words}' USING ERRCODE = 'restrict_violation'; END IF; "
        f"RETURN {back}; END $$"
    )
    db.execute_sql(f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"')
    db.execute_sql(
        f'CREATE TRIGGER "{name}" BEFORE {verb} ON "{table}" FOR EACH ROW EXECUTE FUNCTION "{name}"()'
    )
