"""Texts are found by what their files say, by whoever may read the text; personal data is not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from portal import clock
from portal.models.base.database import transact
from portal.models.base.record import SearchOutbox
from portal.models.company.topics import Topic
from portal.models.files import attachments
from portal.models.files.attachments import Arrived, Attachment, Enclosure
from portal.models.files.file_texts import FileText
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.search import searcher
from tests.conftest import SignIn
from tests.media.test_texts import pdf, scanned, word
from tests.models.files.test_enclosures import photo


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, ada: Person) -> Iterator[None]:
    attachments.keep_in(tmp_path / "files")
    yield
    attachments._store = None


def brought(by: Person, data: bytes, name: str) -> Attachment:
    return Attachment.bring(Arrived.read(io.BytesIO(data), name), by=by)


def article_with(file: Attachment, by: Person, topic: Topic, title: str = "How we lend") -> Article:
    return Article.add(by=by, title=title, body=f"See {file.markdown}.", topics=[topic], published=True)


def read_all() -> int:
    count = 0
    while FileText.read_next():
        count += 1
    return count


def found(sign_in: SignIn, by: Person, words: str) -> str:
    while searcher.here().feed.step():
        pass
    return sign_in(by).get("/search", params={"q": words}).text


def test_a_text_is_found_by_what_its_file_says(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    article = article_with(brought(ada, pdf("组合贷款审批流程"), "流程.pdf"), ada, schools)
    assert f'href="{article.url}' not in found(sign_in, ben, "组合贷款审批")
    assert (read_all(), read_all()) == (1, 0)
    page = found(sign_in, ben, "组合贷款审批")
    assert f'href="{article.url}' in page
    assert "<mark>" in page
    assert f'href="{article.url}' in found(sign_in, ben, "流程.pdf")


def test_a_question_is_found_by_the_file_of_an_answer(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    question = Question.ask(by=ben, text="Who lends?", topic=schools)
    file = brought(ada, word("公积金提取条件"), "条件.docx")
    question.answer(by=ada, text=f"Here: {file.markdown}")
    read_all()
    assert f'href="{question.url}' in found(sign_in, ben, "公积金提取")


def test_a_draft_s_file_is_found_by_its_author_alone(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    file = brought(ada, word("内部返点比例"), "a.docx")
    draft = Article.add(by=ada, title="Later", body=file.markdown, topics=[schools], published=False)
    read_all()
    assert f'href="{draft.url}' in found(sign_in, ada, "内部返点比例")
    assert "内部返点" not in found(sign_in, ben, "返点比例").replace("返点比例", "")
    assert f'href="{draft.url}' not in found(sign_in, ben, "内部返点比例")


def test_what_somebody_names_without_being_able_to_open_it_says_nothing(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    """Ben writes the address of Ada's file, which stands in no text that he may read."""
    file = brought(ada, word("内部返点比例"), "a.docx")
    Article.add(by=ada, title="Later", body=file.markdown, topics=[schools], published=False)
    theft = Article.add(by=ben, title="Theft", body=file.markdown, topics=[schools], published=True)
    read_all()
    assert f'href="{theft.url}' not in found(sign_in, ben, "内部返点比例")


def test_a_file_that_is_named_no_more_is_not_found(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    article = article_with(brought(ada, word("组合贷款审批流程"), "a.docx"), ada, schools)
    read_all()
    assert f'href="{article.url}' in found(sign_in, ben, "组合贷款审批")
    article.edit(by=ada, body="Ask the bank.")
    assert f'href="{article.url}' not in found(sign_in, ben, "组合贷款审批")


def test_personal_data_in_a_file_is_not_found_and_who_brought_it_hears(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    article = article_with(brought(ada, word("刘先生的手机 13812345678", "组合贷款"), "a.docx"), ada, schools)
    read_all()
    assert FileText.get().text == "刘先生的手机 〔…〕\n组合贷款"
    assert f'href="{article.url}' in found(sign_in, ben, "组合贷款")
    assert f'href="{article.url}' not in found(sign_in, ben, "13812345678")
    notice = Notice.unread_by(ada).get()
    assert notice.url == article.url
    assert "except for personal data" in sign_in(ada).get(f"{article.url}/edit").text


def test_the_contact_line_of_a_leaflet_is_left_out_and_told_to_nobody(ada: Person, schools: Topic) -> None:
    leaflet = word("翠湖花园 售楼处 010-88889999 info@example.com", "首付三成")
    article_with(brought(ada, leaflet, "a.docx"), ada, schools)
    read_all()
    assert FileText.get().text == "翠湖花园 售楼处 〔…〕 〔…〕\n首付三成"
    assert not Notice.unread_by(ada).exists()


def test_scans_and_damaged_files_are_named_as_such(sign_in: SignIn, ada: Person, schools: Topic) -> None:
    scan, broken = brought(ada, scanned(), "scan.pdf"), brought(ada, b"%PDF-1.7 broken", "broken.pdf")
    body = f"{scan.markdown} {broken.markdown}"
    article = Article.add(by=ada, title="Papers", body=body, topics=[schools], published=True)
    assert read_all() == 2
    page = sign_in(ada).get(f"{article.url}/edit").text
    assert "Scanned pages: found by its name alone" in page
    assert "Cannot be read: found by its name alone" in page
    Person.update(locale="zh").execute()
    assert "扫描页：只能按文件名搜到" in sign_in(ada).get(f"{article.url}/edit").text
    assert f'href="{article.url}' in found(sign_in, ada, "scan.pdf")


def test_a_file_that_cannot_be_got_at_is_tried_again_and_put_aside_in_the_end(
    ada: Person, schools: Topic
) -> None:
    file = brought(ada, word("组合贷款"), "a.docx")
    article_with(file, ada, schools)
    away = file.file.rename(file.file.with_suffix(".away"))
    assert (read_all(), FileText.select().count()) == (1, 0)
    with clock.moved(clock.now() + timedelta(minutes=11)):
        assert (read_all(), FileText.select().count()) == (1, 0)
    with clock.moved(clock.now() + timedelta(minutes=22)):
        assert (read_all(), FileText.get().state) == (1, "broken")
    FileText.delete().execute()
    away.rename(file.file)
    assert (read_all(), FileText.get().state) == (1, "read")


def test_a_file_that_was_taken_out_while_it_was_read_leaves_nothing(ada: Person, schools: Topic) -> None:
    file = brought(ada, word("组合贷款"), "a.docx")
    article = article_with(file, ada, schools)
    Enclosure.take_out(article, file, by=ada)
    SearchOutbox.delete().execute()
    transact(lambda: FileText._keep(file, "组合贷款", []))
    assert (FileText.select().count(), SearchOutbox.select().count()) == (0, 0)


def test_pictures_are_not_read(ada: Person, schools: Topic) -> None:
    article_with(brought(ada, photo(), "a.jpg"), ada, schools)
    assert read_all() == 0
