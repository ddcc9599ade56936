"""What happened: one row for each change, read by timelines, audit and notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from peewee import BigIntegerField, CharField, JSONField, ModelSelect, chunked

from portal import clock
from portal.models.base import Record, UtcDateTimeField, request_id


class Event(Record):
    """Who did what to which record, when. Never changed, never deleted."""

    at = UtcDateTimeField(default=clock.now)
    actor = BigIntegerField(null=True, index=True)
    """The person's id; empty when the portal itself did it."""
    subject_kind = CharField(40)
    subject = BigIntegerField()
    verb = CharField(60)
    customer = BigIntegerField(null=True)
    """The customer whose timeline shows it."""
    changes = JSONField(default=dict)
    request = CharField(40, default="")

    class Meta:
        indexes = ((("subject_kind", "subject", "id"), False), (("customer", "at", "id"), False))

    @classmethod
    def leave(cls, record: Record, verb: str, *, by: Any, customer: Any, changes: Mapping[str, Any]) -> Event:
        """Write one event about a record."""
        if customer is None:
            customer = record.id if record.kind() == "customer" else getattr(record, "customer_id", None)
        return cls.create(
            at=clock.now(),
            actor=getattr(by, "id", by),
            subject_kind=record.kind(),
            subject=record.id,
            verb=verb,
            customer=getattr(customer, "id", customer),
            changes=dict(changes),
            request=request_id.get(),
        )

    @classmethod
    def leave_many(
        cls,
        kind: str,
        told: Iterable[tuple[int, int | None, Mapping[str, Any]]],
        verb: str,
        *,
        by: Any,
    ) -> None:
        """Write one event for each of many records of a kind: (id, customer's id, changes)."""
        at, request = clock.now(), request_id.get()
        rows = [
            {
                "at": at,
                "created_at": at,
                "actor": getattr(by, "id", by),
                "subject_kind": kind,
                "subject": subject,
                "verb": verb,
                "customer": customer,
                "changes": dict(changes),
                "request": request,
            }
            for subject, customer, changes in told
        ]
        for batch in chunked(rows, 500):
            cls.insert_many(batch).execute()

    @classmethod
    def about(cls, record: Record) -> ModelSelect[Event]:
        """What happened to one record, newest first."""
        return (
            cls.select()
            .where((cls.subject_kind == record.kind()) & (cls.subject == record.id))
            .order_by(cls.id.desc())
        )
