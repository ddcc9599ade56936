"""One article in several languages: each leads to the others that everyone reads."""

from __future__ import annotations

import pytest
from peewee import IntegrityError

from portal.models.base.database import db
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.knowledge.languages import LanguageVersion, told_of
from portal.models.people.people import Person


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
