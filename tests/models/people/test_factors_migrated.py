"""Spare codes and the company's choice from before the passkeys, after them: on both databases."""

from __future__ import annotations

import hashlib
from importlib import import_module

import pytest

from portal import clock
from portal.models.base.database import db
from portal.models.company.settings import Setting
from portal.models.people import factors
from portal.models.people.people import Person
from portal.models.people.second_factor import SecondFactor, SpareCode, new_secret

OLD = import_module("portal.migrations.0016_second_factor")


@pytest.mark.parametrize(("before", "after"), [(True, "acts"), (False, "never"), (None, "never")])
def test_what_was_chosen_means_the_same_and_spare_codes_still_open(
    adam: Person, ada: Person, *, before: bool | None, after: str
) -> None:
    held = SecondFactor.create(person=ada, secret=new_secret())
    for table in ("passkey", "used_challenge", "spare_code"):
        db.execute_sql(f"DROP TABLE {table}")
    with db.bind_ctx([OLD.SecondFactor, OLD.SpareCode]):
        OLD.SpareCode.create_table(safe=False)
        digest = hashlib.sha256(b"00AB12CD34").hexdigest()
        OLD.SpareCode.create(created_at=clock.now().replace(tzinfo=None), factor=held.id, digest=digest)
    if before is not None:
        Setting.create(name="company.second_factor", value=before)
    import_module("portal.migrations.0017_passkeys").up(None, db.obj)
    assert factors.demand() == after
    assert SpareCode.left(ada) == 1
    assert not factors.takes(adam, "00ab 12cd 34")
    assert factors.takes(ada, "00ab 12cd 34")
    assert not factors.takes(ada, "00ab 12cd 34")
