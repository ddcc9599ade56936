"""What was written before in other words is asked about before it is reviewed (RULES 4.2)."""

from __future__ import annotations

from typing import Any

import pytest

from portal.models.company.topics import Topic
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review, improved_by
from portal.models.people.people import Person
from portal.search import searcher
from tests.conftest import SignIn

KNOWN = {
    "title": "首次置业的客户，先算到手总价再带看",
    "doubt": "765 万元的房子，我最后到底要拿出多少钱？",
    "action": "带看前用速算表把契税、个税、增值税、佣金逐项列出。首选那套不满两年，加上税费就超了预算；"
    "另一套满五唯一，只有契税。先把两个总数发过去，再问他想看哪套。",
    "lesson": "对预算有限的人，税费就是价格的一部分。先看「满几年、是否唯一、面积段」三个数，再决定带不带看。",
}
ANEW = {
    "title": "第一次买房的人，把最后总共要付多少先算给他",
    "doubt": "标 765 万，最终得掏多少？",
    "action": "约看之前我拿计算表把各种税和佣金一项项列给他：他最喜欢的那套没满两年，加完税就超了；"
    "另外一套满五唯一，只交契税。先发两个总价，再让他选看哪个。",
    "lesson": "钱紧的客户，税就是房价。先弄清年限、是否唯一、面积档，再说带看，报价永远报全包价。",
}
OTHERS = (
    (
        "先走一遍上学路，再进门看房",
        "多校划片，万一分到另一所怎么办？",
        "带看约在早上七点半，从北门走到学校，计时。",
    ),
    ("谈不动价格时，谈付款时间", "全款难道不值得多让一点？", "问清业主急着用钱的日子，把首付提前两周。"),
    ("怕吵的老人，晚上陪她坐二十分钟", "晚上跳广场舞怎么办？", "睡前一小时到楼下坐着，什么都不推销。"),
)


def written(by: Person, topic: Topic, **parts: Any) -> Experience:
    made = Experience.begin(by=by, kind="question")
    made.save_draft(by=by, topics=[topic], **parts)
    return made.fresh()


@pytest.fixture
def known(ada: Person, rita: Person, rob: Person, schools: Topic) -> Experience:
    """Ada's, in review, among others."""
    for title, doubt, action in OTHERS:
        process.submit(written(ada, schools, title=title, doubt=doubt, action=action * 3), by=ada)
    made = written(ada, schools, **KNOWN)
    process.submit(made, by=ada)
    searcher.here().feed.drain()
    return made.fresh()


def test_what_is_told_anew_is_found_and_what_is_not_is_no_repeat(
    known: Experience, ben: Person, schools: Topic
) -> None:
    assert searcher.here().repeated(written(ben, schools, **ANEW)) == [known.id]
    for title, doubt, action in OTHERS[:1]:
        other = {"title": title[::-1], "doubt": doubt[::-1], "action": (action * 3)[::-1]}
        assert searcher.here().repeated(written(ben, schools, **other)) == []
    assert searcher.here().repeated(known) == []  # never itself


def test_the_author_is_asked_once_and_learns_no_word_of_what_is_in_review(
    known: Experience, ben: Person, rita: Person, schools: Topic, sign_in: SignIn
) -> None:
    mine = written(ben, schools, **ANEW)
    browser = sign_in(ben)
    facts = ANEW | {"topics": str(schools.id), "version": str(mine.version)}
    asked = browser.post(f"{mine.url}/submission", data=facts)
    assert asked.status_code == 422
    assert "text that is in review says much the same." in asked.text
    assert known.title not in asked.text
    assert f"/experiences/{known.id}" not in asked.text
    browser.post(f"{mine.url}/submission", data=facts | {"duplicate_checked": "y"})
    assert (mine.fresh().state, mine.fresh().near_id) == ("submitted", known.id)
    judged = Review.get(Review.experience == mine)
    Review.delete().where((Review.experience == known) & (Review.reviewer == judged.reviewer)).execute()
    page = sign_in(judged.reviewer).get(judged.url).text
    assert "Something else that is in review says much the same" in page
    assert known.title not in page


def test_what_is_accepted_is_named_and_can_be_read(
    known: Experience, ben: Person, schools: Topic, sign_in: SignIn
) -> None:
    for review in Review.select().where(Review.experience == known):
        scores = dict.fromkeys(("correct", "reusable", "new", "clear", "linked"), 4)
        process.complete(review, by=review.reviewer, scores=scores, verdict="accept")
    searcher.here().feed.drain()
    mine = written(ben, schools, **ANEW)
    facts = ANEW | {"topics": str(schools.id), "version": str(mine.version)}
    asked = sign_in(ben).post(f"{mine.url}/submission", data=facts)
    assert f'href="/experiences/{known.id}"' in asked.text
    assert "seems to say the same in other words" in asked.text


def test_what_says_more_is_handed_in_to_improve_it_in_one_click(
    known: Experience, ben: Person, schools: Topic, sign_in: SignIn
) -> None:
    """Also where all of it is in it, word for word: alone it would be refused."""
    for review in Review.select().where(Review.experience == known):
        scores = dict.fromkeys(("correct", "reusable", "new", "clear", "linked"), 4)
        process.complete(review, by=review.reviewer, scores=scores, verdict="accept")
    more = (
        KNOWN["action"] + "第二天再打电话问他看懂没有，把问得最多的三处写成一页纸，下一位客户来时先给他看。"
    )
    mine = written(ben, schools, **(KNOWN | {"action": more}))
    facts = KNOWN | {"action": more, "topics": str(schools.id), "version": str(mine.version)}
    browser = sign_in(ben)
    asked = browser.post(f"{mine.url}/submission", data=facts)
    assert 'name="improvement" value="y"' in asked.text
    browser.post(f"{mine.url}/submission", data=facts | {"improvement": "y"})
    assert improved_by(mine) == known
    judge = Review.get(Review.experience == mine)
    page = sign_in(judge.reviewer).get(judge.url).text
    assert "Handed in to improve something known" in page
    assert 'value="accept"' not in page
    assert 'name="into"' not in page
    process.complete(judge, by=judge.reviewer, scores=scores, verdict="revise", comment="Say when.")
    other = Review.get((Review.experience == mine) & Review.completed_at.is_null())
    process.complete(other, by=other.reviewer, scores=scores, verdict="revise", comment="Say when.")
    page = browser.get(f"{mine.url}/edit").text
    assert "It improves something known" in page
    version = {"version": str(mine.fresh().version)}
    browser.post(
        f"{mine.url}/submission", data=facts | version | {"action": more + "每周一次。", "improvement": "y"}
    )
    assert improved_by(mine) == known
