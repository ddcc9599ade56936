"""Topics as a picture: how much stands under each, and how much of it is up to date."""

from __future__ import annotations

import re
from datetime import timedelta

from portal import clock
from portal.models.company.topics import Topic
from portal.models.insights.topic_shelves import topic_shelves
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from tests.conftest import SignIn
from tests.counting import MOST, queries


def test_the_map_says_how_much_there_is_and_how_much_of_it_is_up_to_date(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    """By hand: 5 published, 4 of them not overdue are 80 %; one of two is 50 %; a topic without any says so."""
    money, empty, gone = (Topic.create(name=name) for name in ("钱款", "物业", "旧主题"))
    holds = Topic.create(name="只作归类")
    Topic.update(parent=holds).where(Topic.id == money.id).execute()
    Topic.update(archived_at=clock.now()).where(Topic.id == gone.id).execute()
    overdue = clock.today() - timedelta(days=1)
    for topic, late in [(schools, False)] * 4 + [(schools, True), (money, False), (money, True)]:
        made = Article.add(by=ada, title="一篇", body="正文。", topics=[topic])
        if late:
            Article.update(review_by=overdue).where(Article.id == made.id).execute()
    away = Article.add(by=ada, title="走了", body="正文。", topics=[schools])
    away.archive(by=ada)
    told = [(each.topic, each.pieces, each.trust, each.tone) for each in topic_shelves()]
    assert told == [
        (schools, 5, 80, "success"),
        (money, 2, 50, "warning"),
        (empty, 0, 0, "danger"),
    ]
    reader = sign_in(ben)
    with queries() as asked:
        page = reader.get("/topics/map").text
    assert len(asked) <= MOST
    assert page.count("80 % up to date") >= 2, "in the picture and in the table"
    assert page.count("50 % up to date") >= 2
    assert "up to date: 80 % and more is well." in page
    assert "nothing yet" in page
    assert "只作归类" not in page
    assert "旧主题" not in page
    radii = [float(found) for found in re.findall(r'<circle class="bubble[^>]* r="([\d.]+)"', page)]
    assert radii == sorted(radii, reverse=True)
    assert round((radii[0] - 14) ** 2 / (radii[1] - 14) ** 2, 1) == 2.5, "the area tells how many: 5 to 2"
    assert 'href="/topics/map"' in reader.get("/topics").text
    assert 'href="/topics"' in reader.get("/articles").text
    Person.update(locale="zh").where(Person.id == ben.id).execute()
    chinese = sign_in(ben.fresh()).get("/topics/map").text
    assert "80 % 以上算好" in chinese
    assert "80 % 未过期" in chinese
