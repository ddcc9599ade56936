"""What is found is narrowed by what kind of knowledge it is, and for whom."""

from __future__ import annotations

from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.knowledge.audience import ReaderGroup
from portal.models.people.people import Person
from tests.conftest import SignIn
from tests.search.parts import finds


def test_a_search_is_narrowed_by_kind_and_audience(
    sign_in: SignIn, ada: Person, ben: Person, sales: Department, schools: Topic
) -> None:
    ben.write(title="店长", department=sales)
    policy = Article.add(
        by=ada,
        title="Deposit rules",
        body="x",
        topics=[schools],
        kind_of="policy",
        audience=[ReaderGroup("job-店长")],
    )
    steps = Article.add(by=ada, title="Deposit steps", body="x", topics=[schools])
    both = {str(policy), str(steps)}
    assert {*finds(ada, "deposit")} == both, "it hides nothing"
    for query in ("deposit genre:policy", "deposit 知识类型:规定", "deposit for:店长", "deposit 适用:店长"):
        assert finds(ada, query) == [str(policy)], query
    assert finds(ben, "deposit for:me") == [str(policy)]
    assert finds(ada, "deposit genre:how-to") == [str(steps)]
    page = sign_in(ada).get("/search?q=deposit").text
    assert "genre=policy" in page
    assert ">Policy<" in page.replace("\n", "").replace(" ", "")
    page = sign_in(ada).get("/search?q=deposit&for=job-店长").text
    assert [f'href="{each.url}' in page for each in (policy, steps)] == [True, False]
