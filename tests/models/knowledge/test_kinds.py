"""What kind of knowledge an article is, and for whom: S02, S51, S59."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portal import clock, i18n
from portal.models.base.record import Event, Invalid
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.knowledge import audience, proposals
from portal.models.knowledge.articles import Article
from portal.models.knowledge.audience import ReaderGroup
from portal.models.knowledge.templates import ArticleTemplate, kinds, kinds_to_choose
from portal.models.knowledge.words import BORN, KINDS
from portal.models.learning import news
from portal.models.learning.marked import lessons_for, marked_for
from portal.models.learning.paths import PathStep
from portal.models.people.people import Person
from tests.conftest import SignIn


def write(by: Person, topic: Topic, title: str = "Ask first", **facts: Any) -> Article:
    return proposals.write(by=by, title=title, body="One question first.", topics=[topic], **facts)


def seen(person: Person, *groups: str) -> list[str]:
    named = [ReaderGroup(each) for each in groups] if groups else None
    return [each.title for each in news.new_about(set(), person, named)]


@pytest.fixture
def seller(ben: Person, sales: Department) -> Person:
    ben.write(title="Seller", title_en="Salesperson", department=sales)
    return ben


# ------------------------------------------------------------------ kinds


def test_without_a_kind_it_stays_a_draft_that_says_so(ada: Person, schools: Topic) -> None:
    with pytest.raises(Invalid) as refused:
        write(ada, schools, kind_of="")
    assert list(refused.value.errors) == ["kind_of"]
    draft = write(ada, schools, kind_of="", published=False)
    assert (draft.state, list(draft.missing())) == ("draft", ["kind_of"])
    draft.edit(by=ada, kind_of="policy")
    draft.publish(by=ada)
    with i18n.speaking("en"):
        assert (draft.fresh().state, i18n.label(draft.kind_words)) == ("published", "Policy")
    with pytest.raises(Invalid):
        draft.edit(by=ada, kind_of="")
    assert draft.fresh().kind_of == "policy"


def test_the_company_s_templates_are_kinds_under_their_names(
    ada: Person, adam: Person, schools: Topic
) -> None:
    made = ArticleTemplate.add(by=adam, name="Weekly", body="## This week")
    article = write(ada, schools, kind_of=str(made.id))
    assert article.fresh().kind_words == "Weekly"
    made.change(by=adam, name="Every week")
    made.archive(by=adam)
    assert article.fresh().kind_words == "Every week", "what has it keeps it"
    assert str(made.id) not in kinds_to_choose()
    assert str(made.id) in kinds_to_choose(article.kind_of)
    assert set(kinds()) == {*KINDS, str(made.id)}


def test_nobody_gives_a_text_the_kind_of_what_reviewers_accepted(ada: Person, schools: Topic) -> None:
    facts = {"author": ada, "body": "What we learned."}
    article = Article.born_of(
        schools, credits={ada.id: 1_000_000}, topics=[schools.id], kind="experience", title="Lesson", **facts
    )
    assert not {*BORN} & kinds_to_choose().keys()
    for kind in (*BORN, "nonsense", "999"):
        with pytest.raises(Invalid):
            write(ada, schools, kind_of=kind)
    with pytest.raises(Invalid):
        article.edit(by=article.author, kind_of="policy")
    assert article.fresh().kind_of == "experience"


# ------------------------------------------------------------------ for whom


def test_for_whom_is_kept_in_the_event_and_hides_nothing(
    ada: Person, stan: Person, seller: Person, schools: Topic
) -> None:
    article = write(ada, schools)
    assert article.fresh().audience == []
    article = article.fresh()
    article.edit(by=ada, audience=[ReaderGroup("job-Seller")])
    article.fresh().edit(by=ada, audience=[ReaderGroup("job-Seller")])
    edits = Event.about(article).where(Event.verb == "edited")
    assert [event.changes for event in edits] == [{"audience": [[], ["job-Seller"]]}]
    assert article.fresh().audience == ["job-Seller"]
    assert Article.visible_to(stan).where(Article.id == article.id).exists()


def test_a_group_is_called_as_the_reader_calls_it(seller: Person, sales: Department) -> None:
    sales.write(name="销售部", name_en="Sales")
    with i18n.speaking("en"):
        assert [i18n.label(each) for each in audience.groups_of(seller)] == ["Salesperson", "Sales"]
    with i18n.speaking("zh"):
        assert [i18n.label(each) for each in audience.groups_of(seller)] == ["Seller", "销售部"]
    assert i18n.label(ReaderGroup("job-Gone")) == "Gone"
    assert ReaderGroup("job-Gone") in audience.groups(["job-Gone"])


def test_who_names_nearly_all_means_everybody(ada: Person, schools: Topic) -> None:
    """Else whoever wants votes would have each text of theirs stand in everyone's news."""
    many = [ReaderGroup(f"job-{number}") for number in range(audience.MOST + 1)]
    with pytest.raises(Invalid) as refused:
        write(ada, schools, audience=many)
    assert list(refused.value.errors) == ["audience"]
    assert write(ada, schools, audience=many[1:]).fresh().audience == many[1:]


def test_it_is_news_for_whom_it_names_and_for_no_others(
    ada: Person, seller: Person, stan: Person, sales: Department, schools: Topic
) -> None:
    team = Department.create(name="Team", parent=sales)
    seller.write(department=team)
    stan.write(title="Sell", department=None)
    write(ada, schools, "For sellers", audience=[ReaderGroup("job-Seller")])
    write(ada, schools, "For sales", audience=[ReaderGroup(f"department-{sales.id}")])
    write(ada, schools, "For all")
    assert seen(seller) == ["For sales", "For sellers"], "a department is with those below it"
    assert seen(stan) == [], "a job is named whole"
    about = {schools.id}
    assert [one.title for one in news.new_about(about, stan)] == ["For all"]
    assert [one.title for one in news.new_about(about, seller)] == ["For all", "For sales", "For sellers"]
    assert seen(stan, "job-Seller") == ["For sellers"]
    named = news.groups_of_department(team.id)
    assert {*named} == {f"department-{sales.id}", f"department-{team.id}", "job-Seller"}


def test_lessons_for_newcomers_to_a_job_come_first_for_them(
    ada: Person, adam: Person, seller: Person, schools: Topic, sign_in: SignIn
) -> None:
    theirs = write(ada, schools, "First days", kind_of="onboarding", audience=[ReaderGroup("job-Seller")])
    write(ada, schools, "Other days", kind_of="onboarding", audience=[ReaderGroup("job-Other")])
    write(ada, schools, "A price", kind_of="prices", audience=[ReaderGroup("job-Seller")])
    gone = write(ada, schools, "Old days", kind_of="onboarding", audience=[ReaderGroup("job-Seller")])
    gone.archive(by=ada)
    seller.write(hired_on=clock.today() - timedelta(days=3))
    assert [one.title for one in lessons_for(seller)] == ["First days"]
    assert marked_for(seller) == [f"article-{theirs.id}"]
    above = [ReaderGroup(f"department-{seller.department_id}")]
    below = write(ada, schools, "In sales", kind_of="onboarding", audience=above)
    seller.write(department=Department.create(name="一组", parent=seller.department))
    assert {one.title for one in lessons_for(seller)} == {"First days", "In sales"}
    assert set(marked_for(seller)) == {f"article-{theirs.id}", f"article-{below.id}"}
    page = sign_in(seller.fresh()).get("/learning").text
    assert ("First days" in page, "In sales" in page) == (True, True)
    PathStep.add(by=adam, post="Seller", day=1, title="Read this first", article=theirs)
    page = sign_in(seller.fresh()).get("/learning").text
    assert ("First days" in page, "In sales" in page) == (False, True), "what the path says is said once"
    seller.write(hired_on=clock.today() - timedelta(days=300))
    assert marked_for(seller) == []
