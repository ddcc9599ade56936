"""How strong somebody was: from the evidence as it stood then."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from portal import clock
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence, expertise
from portal.models.knowledge.strength import History
from portal.models.people.people import Person

JUNE = datetime.fromisoformat("2026-06-15T02:00:00+00:00")


def test_what_was_withdrawn_counts_while_it_stood(ada: Person, schools: Topic) -> None:
    """A certificate does not fade: 5 from March; from May, when an article was verified, 11; 6 once the
    certificate went in June.
    """
    below = Topic.create(name="Places", parent=schools)
    for days, kind in ((90, "certificate"), (40, "verified article")):
        with clock.moved(JUNE - timedelta(days=days)):
            Evidence.record(ada, schools, kind, schools)
    with clock.moved(JUNE - timedelta(days=90)):
        Evidence.record(ada, below, "certificate", below)
    with clock.moved(JUNE - timedelta(days=5)):
        Evidence.withdraw(schools, kind="certificate")
    with clock.moved(JUNE):
        months, told = History(ada).strength([schools.id])
        assert [str(month) for month in months][::11] == ["2025-07", "2026-06"]
        assert told[schools.id] == pytest.approx([0] * 8 + [7.5, 7.5, 13.5, 8.5])
        hidden = History(ada).strength([schools.id], but=[below.id])[1]
        assert hidden[schools.id] == pytest.approx([0] * 8 + [5, 5, 11, 6])
        assert told[schools.id][-1] == pytest.approx(expertise(topics=[schools.id])[0].score)
