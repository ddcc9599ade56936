"""One article in several languages: each leads to the others that everyone reads."""

from __future__ import annotations

import pytest
from peewee import IntegrityError

from portal.models.base.database import db
from portal.models.base.record import Event, Invalid
from portal.models.base.undoing import undo
from portal.models.company.topics import Topic
from portal.models.knowledge import merging
from portal.models.knowledge.articles import Article
from portal.models.knowledge.languages import LanguageVersion, told_of
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from tests.conftest import SignIn


def article(by: Person, title: str, schools: Topic) -> Article:
    return Article.add(by=by, title=title, body="正文。", topics=[schools])


def shown(article: Article) -> list[str]:
    """The names of the languages that the page of an article leads to."""
    read = LanguageVersion.beside(Article.select()).where(Article.id == article.id).get()
    return [each.name for each in LanguageVersion.others(read)]


def test_versions_lead_to_each_other_and_one_alone_to_none(ada: Person, schools: Topic) -> None:
    chinese, english, french = (article(ada, title, schools) for title in ("甲", "A", "Un"))
    assert shown(chinese) == []
    assert told_of(chinese).work == ""
    LanguageVersion.tie({"zh-Hans": chinese.id, "en": english.id}, new=[chinese.id, english.id], by=ada)
    LanguageVersion.tie({"zh-Hans": chinese.id, "fr": french.id}, new=[french.id], by=ada)
    assert [shown(each) for each in (chinese, english, french)] == [
        ["English", "Français"],
        ["Français", "简体中文"],
        ["English", "简体中文"],
    ]
    french.archive(by=ada)
    assert shown(chinese) == ["English"]
    works = LanguageVersion.works_of([english.id, french.id])
    LanguageVersion.delete().where(LanguageVersion.article.in_([english.id, french.id])).execute()
    LanguageVersion.leave_alone(works)
    assert LanguageVersion.select().count() == 0


def test_nothing_that_is_known_is_tied_anew(ada: Person, schools: Topic) -> None:
    one, two, three = (article(ada, title, schools) for title in ("甲", "A", "乙"))
    LanguageVersion.tie({"zh-Hans": one.id, "en": two.id}, new=[], by=ada)
    assert LanguageVersion.select().count() == 0, "an import that made neither ties neither"
    LanguageVersion.tie({"zh-Hans": one.id, "en": two.id}, new=[two.id], by=ada)
    LanguageVersion.tie({"zh-Hans": three.id, "en": two.id}, new=[three.id], by=ada)
    assert shown(two) == ["简体中文"]
    assert shown(three) == [], "its language has a version already"
    row = LanguageVersion.get(LanguageVersion.article == one)
    with pytest.raises(IntegrityError), db.atomic():
        LanguageVersion.create(article=three, work=row.work, language=row.language)


# ------------------------------------------------------------------ by hand


@pytest.fixture
def pair(ada: Person, ben: Person, rita: Person, schools: Topic) -> tuple[Article, Article]:
    """Ada's in Chinese and Ben's in English, paired by Rita, who reviews."""
    chinese = Article.add(by=ada, title="学区怎么问", body="先问再看。", topics=[schools])
    english = Article.add(by=ben, title="How to ask about schools", body="Ask first.", topics=[schools])
    LanguageVersion.pair(chinese, english, language="zh-Hans", by=rita)
    return chinese, english


def titles(article: Article) -> list[str]:
    return [each.article.title for each in LanguageVersion.of(article)]


def test_who_may_change_both_pairs_them_and_takes_them_apart(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, stan: Person, schools: Topic
) -> None:
    chinese = Article.add(by=ada, title="学区怎么问", body="先问再看。", topics=[schools])
    english = Article.add(by=ben, title="How to ask about schools", body="Ask first.", topics=[schools])
    address, body = f"{chinese.url}/languages", {"other": english.id, "language": "zh-Hans"}
    assert sign_in(stan).get(address).status_code == 403
    assert sign_in(stan).post(address, data=body).status_code == 403
    mine = sign_in(ada)
    assert english.title not in mine.get(address, params={"q": "schools"}).text, "not hers to change"
    assert "yours to change" in mine.post(address, data=body, follow_redirects=True).text
    assert titles(chinese) == []
    theirs = sign_in(rita)
    assert english.title in theirs.get(address).text, "about the same in another language"
    for _ in range(2):
        assert english.title in theirs.post(address, data=body, follow_redirects=True).text
        assert titles(chinese) == titles(english) == [english.title, chinese.title]
    assert Event.about(english).where(Event.verb == "language added").count() == 1
    assert 'name="other"' not in theirs.get(address, params={"q": "schools"}).text, "a version already"
    for _ in range(2):
        theirs.post(f"{chinese.url}/languages/parting")
        assert LanguageVersion.select().count() == 0, "no version is left alone"
    assert [each.verb for each in Event.about(chinese).order_by(Event.id)][-2:] == [
        "language added",
        "language removed",
    ]


def test_one_hears_of_it_and_may_take_ones_own_out_whoever_paired_it(
    pair: tuple[Article, Article], sign_in: SignIn, rita: Person
) -> None:
    chinese, english = pair
    for each in pair:
        (told,) = [str(one.phrase) for one in Notice.unread_by(each.author) if "languages" in str(one.phrase)]
        assert chinese.title in told
        assert english.title in told
    assert not any("languages" in str(one.phrase) for one in Notice.unread_by(rita))
    sign_in(english.author).post(f"{english.url}/languages/parting")
    assert titles(chinese) == titles(english) == []


def test_a_set_has_one_version_of_each_language_and_sets_do_not_become_one(
    pair: tuple[Article, Article], ada: Person, rita: Person, schools: Topic
) -> None:
    chinese, english = pair
    second, french, third, fourth = (
        article(ada, title, schools) for title in ("How else", "Comment demander", "乙", "B")
    )
    second.edit(by=ada, body="In English words.")
    with pytest.raises(Invalid, match="English"):  # told by its own text
        LanguageVersion.pair(second, chinese, language="en", by=rita)
    with pytest.raises(Invalid, match="itself"):
        LanguageVersion.pair(chinese, chinese, language="zh-Hans", by=rita)
    with pytest.raises(Invalid, match="which language"):
        LanguageVersion.pair(third, second, language="tlh", by=rita)
    LanguageVersion.pair(french, english, language="fr", by=rita)
    assert titles(chinese) == [english.title, french.title, chinese.title], "no chain: all lead to all"
    fourth.edit(by=ada, body="In English.")
    LanguageVersion.pair(third, fourth.fresh(), language="zh-Hans", by=rita)
    with pytest.raises(Invalid, match="take one of them out"):
        LanguageVersion.pair(third, english, language="zh-Hans", by=rita)
    row = LanguageVersion.get(LanguageVersion.article == english)
    with pytest.raises(IntegrityError), db.atomic():
        LanguageVersion.create(article=second, work=row.work, language="en")


def test_what_is_put_away_gives_up_its_place_only_to_another(
    pair: tuple[Article, Article], ada: Person, rita: Person, schools: Topic
) -> None:
    chinese, english = pair
    english.archive(by=rita)
    assert titles(chinese) == []
    english.fresh().restore(by=rita)
    assert titles(chinese) == [english.title, chinese.title], "back in its place"
    english.fresh().archive(by=rita)
    second = Article.add(by=ada, title="Asking for a school", body="Ask.", topics=[schools])
    LanguageVersion.pair(second, chinese, language="en", by=rita)
    english.fresh().restore(by=rita)
    assert titles(chinese) == [second.title, chinese.title]
    assert titles(english) == []
    draft = Article.add(by=rita, title="草稿", body="先问。", topics=[schools], published=False)
    with pytest.raises(Invalid, match="published"):
        LanguageVersion.pair(draft, english.fresh(), language="zh-Hans", by=rita)


def test_what_it_is_merged_into_takes_its_place_where_that_is_of_its_language(
    pair: tuple[Article, Article], ada: Person, rita: Person, schools: Topic
) -> None:
    chinese, english = pair
    better = Article.add(by=ada, title="Asking for a school", body="Ask.", topics=[schools])
    merging.merge(english, better, by=rita)
    assert titles(chinese) == [better.title, chinese.title]
    undo(Event.about(english).where(Event.verb == "merged").get(), by=rita)
    assert titles(chinese) == [english.title, chinese.title], "undone, it has its place again"
    merging.merge(english.fresh(), chinese, by=rita)
    assert titles(chinese) == [], "merged into its other version it is none any more"
    undo(Event.about(english).where(Event.verb == "merged").order_by(Event.id.desc()).get(), by=rita)
    other = Article.add(by=ada, title="学校怎么问", body="问。", topics=[schools])
    merging.merge(english.fresh(), other, by=rita)
    assert titles(chinese) == titles(other) == [], "a Chinese text is no English version"


def test_an_english_text_that_names_what_is_said_in_chinese_is_paired_as_english(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, schools: Topic
) -> None:
    chinese = Article.add(by=ada, title="学区怎么问", body="先问 (ask) 再看。", topics=[schools])
    body = "Ask which school it is (学区) before you look at it."
    english = Article.add(by=ben, title="How to ask about schools", body=body, topics=[schools])
    chosen = '<option value="en" lang="en" selected>'
    assert chosen in sign_in(rita).get(f"{english.url}/languages").text
    LanguageVersion.pair(chinese, english, language="zh-Hans", by=rita)
    assert shown(chinese) == ["English"]


def test_what_was_looked_for_and_chosen_is_kept_where_a_pair_is_refused(
    pair: tuple[Article, Article], sign_in: SignIn, ada: Person, rita: Person, schools: Topic
) -> None:
    chinese, _english = pair
    other = article(ada, "学校怎么选", schools)
    body = {"other": chinese.id, "language": "zh-Hans", "q": "学区"}
    page = sign_in(rita).post(f"{other.url}/languages", data=body, follow_redirects=True).text
    assert "There is a version in that language already" in page
    assert chinese.title in page
    assert 'value="学区"' in page
