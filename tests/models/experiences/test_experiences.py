"""Experiences: begun, written, handed in."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from portal import clock, i18n
from portal.models.base.record import Invalid, Stale
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.experiences import debriefs, likeness, process
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.panels import panel
from portal.models.experiences.prefill import prefilled
from portal.models.experiences.reviews import Review
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.answer_uses import AnswerUse
from portal.models.sales.deals import Deal, DealShare
from portal.text import personal_data
from tests.clocks import advance
from tests.counting import calls

TEXT = "先把学区划片文件打印出来，再请客户自己在地图上找到这个小区，最后一起给教委打电话确认。"


def question(by: Person, topic: Topic, **parts: Any) -> Experience:
    """A question with its answer, ready to be submitted."""
    made = Experience.begin(by=by, kind="question")
    values = {"title": "学区到底怎么样", "doubt": "孩子能上哪所小学？", "action": TEXT} | parts
    made.save_draft(by=by, topics=[topic], **values)
    return made


@pytest.fixture
def family(families: CustomerType, ada: Person) -> Customer:
    return Customer.create(name="刘建国", form="person", type=families, owner=ada, source="老客户介绍")


@pytest.fixture
def deal(family: Customer, ada: Person, lakeside: Product) -> Deal:
    """Won by Ada yesterday."""
    made = Deal.create(
        title="刘家买翠湖",
        customer=family,
        product=lakeside,
        owner=ada,
        stage="won",
        amount=5_600_000_00,
        engaged_on=clock.today() - timedelta(days=30),
        closed_on=clock.today() - timedelta(days=1),
    )
    Deal.await_debriefs({made.id: made.closed_on})
    Interaction.create(
        customer=family, person=ada, deal=made.id, kind_of="call", text="刘建国说打 13812345678 找他太太"
    )
    return made


# ------------------------------------------------------------------ the debrief


def test_a_debrief_is_prefilled_from_the_deal_without_personal_data(
    deal: Deal, ada: Person, families: CustomerType, lakeside: Product
) -> None:
    with i18n.speaking("en"):
        found = Experience.begin(by=ada, kind="debrief", deal=deal)
    assert (found.kind_of, found.state, found.author_id) == ("debrief", "draft", ada.id)
    assert (found.product_id, found.customer_type_id) == (lakeside.id, families.id)
    assert "Families with school children" in found.situation
    assert "Lakeside Gardens" in found.situation
    assert "〔…〕说打 〔…〕 找他太太" in found.situation
    # by the day, the number of days and the amount its reviewers would find the deal, and with it its author
    assert "Day" not in found.situation
    assert found.outcome == "Won."
    assert not re.search(r"\d{4}-\d\d|5,600,000|2026", found.situation + found.outcome)
    assert found.personal_data() == {}


def test_a_debrief_tells_what_was_said_to_its_customer_alone_while_that_was_their_only_deal(
    deal: Deal, ada: Person
) -> None:
    """Who logs a call from the customer's page names no deal."""
    opened, over = clock.now() - timedelta(days=30), clock.start_of(clock.today())
    Deal.update(created_at=opened).where(Deal.id == deal.id).execute()
    said = {
        "电梯太慢": opened - timedelta(minutes=1),
        "他担心学位被占": opened,
        "他担心首付不够": over - timedelta(minutes=1),
        "他担心交房太晚": over,
    }
    for text, at in said.items():
        Interaction.create(customer=deal.customer, person=ada, kind_of="call", text=text, at=at)
    found = prefilled(deal.fresh(), by=ada)
    assert re.findall("他担心.{4}", found["doubt"]) == ["他担心学位被占", "他担心首付不够"]
    assert "电梯" not in found["situation"]
    Deal.create(title="Another", customer=deal.customer, owner=ada, created_at=over - timedelta(days=2))
    assert prefilled(deal.fresh(), by=ada)["doubt"] == ""  # either may be meant


def test_a_debrief_names_the_answers_that_were_noted_as_used(deal: Deal, ada: Person, ben: Person) -> None:
    question = Question.ask(by=ben, text="学位被占用怎么办？")
    answer = question.answer(by=ben, text="先查学区公告。")
    AnswerUse.create(answer=answer, deal=deal, person=ada)
    assert f"[学位被占用怎么办？]({question.url})" in prefilled(deal, by=ada)["action"]


def test_a_lost_deal_tells_its_reason_and_the_winner(deal: Deal, ada: Person) -> None:
    Deal.update(stage="lost", lost_reason="学位被占用", competitor="邻里房屋").where(
        Deal.id == deal.id
    ).execute()
    with i18n.speaking("en"):
        found = Experience.begin(by=ada, kind="debrief", deal=deal.fresh())
    assert "学位被占用" in found.outcome
    assert "邻里房屋" in found.outcome


def test_one_draft_for_each_author_and_deal(deal: Deal, ada: Person) -> None:
    assert (
        Experience.begin(by=ada, kind="debrief", deal=deal).id
        == Experience.begin(by=ada, kind="debrief", deal=deal).id
    )
    assert Experience.select().count() == 1


def test_beginning_again_goes_on_with_the_empty_draft(ada: Person, ben: Person) -> None:
    first = Experience.begin(by=ada, kind="suggestion")
    assert Experience.begin(by=ada, kind="suggestion").id == first.id
    assert Experience.begin(by=ada, kind="question").id != first.id
    assert Experience.begin(by=ben, kind="suggestion").id != first.id
    first.save_draft(by=ada, situation="Keys hang in three places.")
    assert Experience.begin(by=ada, kind="suggestion").id != first.id


def test_only_who_worked_on_a_closed_deal_debriefs_it(deal: Deal, ada: Person, ben: Person) -> None:
    with pytest.raises(Invalid):
        Experience.begin(by=ben, kind="debrief", deal=deal)
    DealShare.create(deal=deal, person=ada, share=700_000)
    DealShare.create(deal=deal, person=ben, share=300_000)
    assert Experience.begin(by=ben, kind="debrief", deal=deal).author_id == ben.id
    Deal.update(stage="negotiation", closed_on=None).where(Deal.id == deal.id).execute()
    Experience.delete().execute()
    with pytest.raises(Invalid):
        Experience.begin(by=ada, kind="debrief", deal=deal.fresh())


def test_closed_deals_wait_for_their_debrief(deal: Deal, ada: Person, ben: Person) -> None:
    assert debriefs.undebriefed(ada) == [deal]
    assert debriefs.undebriefed(ben) == []
    begun = Experience.begin(by=ada, kind="debrief", deal=deal)
    assert debriefs.undebriefed(ada) == [deal], "closing the deal began it: nobody wrote anything yet"
    begun.save_draft(by=ada, title="Why they bought")
    assert debriefs.undebriefed(ada) == []


def test_a_debrief_not_written_in_7_days_is_asked_for_once(deal: Deal, ada: Person) -> None:
    closed = deal.closed_on
    assert closed is not None
    for days, told in ((6, 0), (7, 1), (8, 1)):
        with clock.moved(clock.start_of(closed + timedelta(days=days)) + timedelta(hours=1)):
            advance()
        assert Notice.select().where(Notice.person == ada).count() == told
    assert Notice.get().url == f"/experiences/new?deal={deal.id}"


def test_a_debrief_begun_or_a_deal_closed_long_ago_is_not_asked_for(deal: Deal, ada: Person) -> None:
    Experience.begin(by=ada, kind="debrief", deal=deal).save_draft(by=ada, title="Why they bought")
    with clock.moved(clock.now() + timedelta(days=7)):
        advance()
    Experience.delete().execute()
    with clock.moved(clock.now() + timedelta(days=60)):
        advance()
    assert Notice.select().count() == 0


@pytest.mark.parametrize(("days", "told"), [(14, 1), (15, 0)])
def test_a_worker_that_stood_still_asks_for_no_old_debrief(
    deal: Deal, ada: Person, days: int, told: int
) -> None:
    assert deal.closed_on is not None
    with clock.moved(clock.start_of(deal.closed_on + timedelta(days=days)) + timedelta(hours=1)):
        advance()
    assert Notice.select().where(Notice.person == ada).count() == told


def said(deal: Deal, day: int, text: str, by: Person, kind: str = "call") -> Interaction:
    """A note of so many days after the deal began."""
    assert deal.engaged_on is not None
    assert deal.customer is not None
    at = clock.start_of(deal.engaged_on + timedelta(days=day - 1)) + timedelta(hours=10)
    return Interaction.log(deal.customer, by=by, kind_of=kind, text=text, at=at, deal=deal)


def test_a_doubt_is_quoted_with_its_day_and_the_rest_is_the_course_of_things(
    deal: Deal, ada: Person, ben: Person
) -> None:
    said(deal, 3, "Came with his wife. She is worried about the school.", ada)
    said(deal, 5, "他怕学位被占用。约好周六再看", ben)
    with i18n.speaking("en"):
        found = Experience.begin(by=ada, kind="debrief", deal=deal)
    assert found.doubt == (
        "- Call: She is worried about the school.\n- Call, noted by a colleague: 他怕学位被占用。"
    )
    assert "- Call: Came with his wife.\n- Call, noted by a colleague: 约好周六再看" in (found.situation)
    assert "worried" not in found.situation + found.action
    assert ben.name not in found.doubt + found.situation, "by a name its reviewers would find the deal"


def test_no_colleague_and_no_date_stands_in_what_is_prefilled(
    deal: Deal, ada: Person, ben: Person, mona: Person
) -> None:
    """By either its reviewers would find the deal, and with it who writes (RULES 4.2)."""
    ada.edit(by=None, name="欧小娟", name_en="Ada Ou")
    ben.edit(by=None, name="Ben", name_en="Benedict Stone")
    mona.edit(by=None, name="孟丽娜", name_en="Mona Meng")
    DealShare.create(deal=deal, person=ada, share=700_000)
    DealShare.create(deal=deal, person=mona, share=300_000)
    said(deal, 2, "Ada (the owner) promised a viewing on 2026-03-05. 小娟说3月5日再看", ben)
    said(deal, 3, "丽娜和孟总也来了，Mona asked Benedict to call on 3/5", ada)
    said(deal, 4, "Mr Quentin knows them, Frau Özil too. 何先生担心价格", ada)
    Deal.update(
        note="欧小娟 signs on 5 March", lost_reason="小娟 was late on 2026年3月5日", stage="lost"
    ).where(Deal.id == deal.id).execute()
    Deal.update(competitor="邻里房屋, Ms Quentin 13800138000").where(Deal.id == deal.id).execute()
    Customer.update(source="Referred by Mr Quentin, 13800138000").execute()
    with i18n.speaking("en"):
        found = Experience.begin(by=ada, kind="debrief", deal=deal.fresh())
    told = "\n".join((found.situation, found.doubt, found.action, found.outcome))
    for word in (
        "Ada",
        "小娟",
        "Ben",
        "丽娜",
        "孟",
        "Mona",
        "Quentin",
        "Özil",
        "何",
        "1380",
        "2026",
        "3月",
        "3/5",
        "March",
    ):
        assert word not in told, word
    assert "〔…〕 (the owner) promised a viewing on 〔…〕. 〔…〕说〔…〕再看" in found.situation
    assert "Referred by" not in told
    assert "邻里房屋, 〔…〕 〔…〕" in found.outcome
    assert "Reason: 〔…〕 was late on 〔…〕" in found.outcome
    assert "〔…〕担心价格" in found.doubt


def test_of_a_long_note_the_beginning_is_read_once_and_nothing_is_cut_in_half(
    deal: Deal, ada: Person
) -> None:
    """A note may have 20,000 characters: each is read to its 4,000th, once, and what begins there is whole."""
    phone, dull = "13812345678", "她说。"
    long = dull * 1331 + "打打" + phone + dull * 5000  # its 3,996th character begins the number
    for day in range(2, 8):
        said(deal, day, long[:20_000], ada)
    with calls(personal_data.find) as read, i18n.speaking("en"):
        found = Experience.begin(by=ada, kind="debrief", deal=deal)
    assert "1381" not in found.situation
    assert found.situation.count("打打〔…〕…") == 6
    assert len(found.situation) < 6 * 4_100 + 500
    assert len(read) == 7, "each of the seven notes"


def test_the_turning_point_is_the_last_step_forward_with_what_was_said_before_it(
    deal: Deal, ada: Person, lakeside: Product
) -> None:
    Deal.update(stage="lead", closed_on=None).where(Deal.id == deal.id).execute()
    deal = deal.fresh()
    assert deal.engaged_on is not None
    began = clock.start_of(deal.engaged_on) + timedelta(hours=12)
    said(deal, 2, "Showed them the list.", ada)
    said(deal, 4, "Read them the rule of the school office.", ada, kind="visit")
    for day, stage in (
        (1, "viewing"),
        (3, "negotiation"),
        (4, "viewing"),
        (5, "negotiation"),
        (6, "viewing"),
    ):
        with clock.moved(began + timedelta(days=day)):
            deal.move(stage, by=ada)
    said(deal, 8, "Signed.", ada)
    closings.win(deal, by=ada, amount=5_000_00, on=clock.today())
    with i18n.speaking("en"):
        found = Experience.begin(by=ada, kind="debrief", deal=deal)
    assert found.action == (
        "From Viewing to Negotiation.\nJust before:\n\n- Visit: Read them the rule of the school office."
    )
    assert "- Call: Showed them the list.\n- Call: Signed." in found.situation
    assert "rule of the school office" not in found.situation, "each note stands in one place"


def test_knowledge_that_the_notes_name_is_what_was_used(
    deal: Deal, ada: Person, ben: Person, schools: Topic
) -> None:
    published = {"state": "published", "published_at": clock.now()}
    known = Article.create(title="School places [2026]", author=ben, slug="school", **published)
    hidden = Article.create(title="Ben's draft", author=ben, slug="hidden", state="draft")
    asked = Question.ask(by=ben, text="Is the school place free?", topic=schools)
    told = f"Sent https://portal.example/articles/{known.id}, /articles/{hidden.id} and /questions/{asked.id}"
    said(deal, 2, told, ada)
    with i18n.speaking("en"):
        found = Experience.begin(by=ada, kind="debrief", deal=deal)
    assert found.action == (
        f"What was used:\n\n- [School places (2026)](/articles/{known.id})\n"
        f"- [Is the school place free?](/questions/{asked.id})"
    )


def test_nothing_is_made_up_where_the_timeline_has_nothing(deal: Deal, ada: Person) -> None:
    found = Experience.begin(by=ada, kind="debrief", deal=deal)
    assert (found.title, found.doubt, found.action, found.lesson) == ("", "", "", "")
    assert {"doubt", "action", "lesson"} <= set(found.missing())


def test_what_nobody_wrote_on_tells_the_deal_as_it_is_now(deal: Deal, ada: Person) -> None:
    with i18n.speaking("en"):
        first = Experience.begin(by=ada, kind="debrief", deal=deal)
        Deal.update(stage="lost", lost_reason="The school").where(Deal.id == deal.id).execute()
        again = Experience.begin(by=ada, kind="debrief", deal=deal.fresh())
        assert (again.id, again.is_untouched) == (first.id, True)
        assert "Reason: The school" in again.outcome
        again.save_draft(by=ada, outcome="They took another.")
        kept = Experience.begin(by=ada, kind="debrief", deal=deal.fresh())
    assert kept.outcome == "They took another."


def test_in_chinese_a_lost_deal_is_called_as_everywhere_and_no_blank_parts_the_sentences(
    deal: Deal, ada: Person
) -> None:
    Deal.update(stage="lost", lost_reason="学位").where(Deal.id == deal.id).execute()
    with i18n.speaking("zh"):
        assert Experience.begin(by=ada, kind="debrief", deal=deal.fresh()).outcome == "未成交。原因：学位"


# ------------------------------------------------------------------ what waits for its author


def waiting(person: Person) -> list[tuple[str, str]]:
    return [(need.kind, need.url) for need in needs(person)]


def test_a_closed_deal_asks_its_owner_for_the_debrief_until_it_is_begun_and_then_handed_in(
    deal: Deal, ada: Person, mona: Person, schools: Topic, rita: Person, rob: Person
) -> None:
    asked = ("debrief", f"/experiences/new?deal={deal.id}")
    assert waiting(ada) == [asked]
    assert waiting(mona) == []
    found = Experience.begin(by=ada, kind="debrief", deal=deal)
    assert waiting(ada) == [asked], "what the portal began is not written"
    found.save_draft(by=ada, title="Why they bought")
    assert waiting(ada) == [("draft", f"/experiences/{found.id}/edit")]
    assert [str(need.text.values["title"]) for need in needs(ada)] == ["Why they bought"]
    parts: dict[str, Any] = dict.fromkeys(("situation", "doubt", "action", "outcome", "lesson"), TEXT)
    found.save_draft(by=ada, title="Why they came", topics=[schools], **parts)
    assert [str(need.text.values["title"]) for need in needs(ada)] == ["Why they came"]
    process.submit(found, by=ada)
    assert waiting(ada) == []


def test_the_debrief_is_asked_of_the_owner_for_two_weeks(deal: Deal, ada: Person, ben: Person) -> None:
    deal.hand_over(ben, by=ada)
    assert (waiting(ada), [kind for kind, _ in waiting(ben)]) == ([], ["debrief"])
    deal.archive(by=ben)
    assert waiting(ben) == []
    deal = deal.fresh()
    Deal.update(archived_at=None).where(Deal.id == deal.id).execute()
    deal = deal.fresh()
    closings.reopen(deal, by=ben)
    closings.lose(deal, by=ben, reason="price", on=clock.today())
    assert [kind for kind, _ in waiting(ben)] == ["debrief"]
    with clock.moved(clock.now() + timedelta(days=16)):
        advance()
        assert waiting(ben) == []


def test_a_draft_without_a_title_is_asked_for_by_its_first_words(ada: Person) -> None:
    def asked(locale: str) -> list[str]:
        with i18n.speaking(locale):
            return [i18n.gettext(need.text) for need in needs(ada)]

    draft = Experience.begin(by=ada, kind="debrief")
    draft.save_draft(by=ada, co_authors=[["Ben", "50"]])
    assert asked("zh") == ["写完并提交：没有标题的草稿"]
    assert asked("en") == ["Finish and submit: Draft without a title"]
    draft.save_draft(by=ada, action="**打电话**给学校，" + "再问一次" * 10)
    assert asked("zh") == ["写完并提交：没有标题的草稿“打电话给学校，" + ("再问一次" * 10)[:23] + "…”"]
    draft.save_draft(by=ada, action="", situation="Keys hang in three places.")
    assert asked("en") == ["Finish and submit: Draft without a title, “Keys hang in three places.”"]
    draft.save_draft(by=ada, title="Keys")
    assert asked("zh") == ["写完并提交：Keys"]
    assert (draft.heading, asked("en")) == ("Keys", ["Finish and submit: Keys"])
    draft.save_draft(by=ada, title="", situation="")
    assert asked("en") == ["Finish and submit: Draft without a title"]


def test_what_was_handed_in_is_named_to_others_by_no_words_of_its_text(
    ada: Person, ben: Person, schools: Topic
) -> None:
    made = Experience.begin(by=ada, kind="question")
    made.save_draft(by=ada, title="Loud?", doubt="Is it loud at night?", action="Go there.")
    process.submit(made, by=ada, topics=[schools], co_authors={ben: 300_000})
    assert [str(need.text.values["title"]) for need in needs(ben)] == ["Loud?"]
    made = made.fresh()
    Experience.update(state="revision").where(Experience.id == made.id).execute()
    made = made.fresh()
    made.save_draft(by=ada, title="")
    with i18n.speaking("en"):
        assert made.heading == "Draft without a title"
        assert [text for need in needs(ben) if "at night" in (text := i18n.gettext(need.text))] == []


# ------------------------------------------------------------------ the draft


def test_a_draft_is_its_authors_alone(ada: Person, ben: Person, mona: Person, adam: Person) -> None:
    made = Experience.begin(by=ada, kind="suggestion")
    assert [made] == list(Experience.visible_to(ada))
    for other in (ben, mona, adam):
        assert list(Experience.visible_to(other)) == []
    assert not made.editable_by(ben)


def test_an_old_version_does_not_undo_a_newer_one(ada: Person) -> None:
    made = Experience.begin(by=ada, kind="suggestion")
    old = made.version
    made.save_draft(by=ada, version=old, title="新")
    with pytest.raises(Stale):
        made.fresh().save_draft(by=ada, version=old, title="旧")
    assert made.fresh().title == "新"


def test_the_same_draft_twice_is_no_conflict(ada: Person, schools: Topic) -> None:
    made = Experience.begin(by=ada, kind="suggestion")
    old = made.version
    made.save_draft(by=ada, version=old, title="新", topics=[schools])
    made.fresh().save_draft(by=ada, version=old, title="新", topics=[schools.id])
    with pytest.raises(Stale):
        made.fresh().save_draft(by=ada, version=old, title="新", topics=[Topic.create(name="贷款")])


def test_a_draft_keeps_its_topics(ada: Person, schools: Topic) -> None:
    loans = Topic.create(name="贷款", position=1)
    made = Experience.begin(by=ada, kind="suggestion")
    made.save_draft(by=ada, topics=[schools, loans.id])
    assert made.topics == [schools, loans]
    made.save_draft(by=ada, topics=[loans])
    assert made.topics == [loans]


# ------------------------------------------------------------------ handing in


def test_submitting_writes_credit_asks_two_reviewers_and_counts_from_now(
    ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic
) -> None:
    made = question(ada, schools)
    with clock.moved(datetime(2026, 5, 15, 2, 0, tzinfo=UTC)):  # a Friday
        process.submit(made, by=ada)
    found = made.fresh()
    assert found.state == "submitted"
    assert found.first_submitted_at == found.submitted_at == datetime(2026, 5, 15, 2, 0, tzinfo=UTC)
    assert [(c.person_id, c.share) for c in Credit.select()] == [(ada.id, 1_000_000)]
    assert [r.reviewer_id for r in panel(found)] == [rita.id, rob.id]
    # three working days later: Wednesday, until it is over in Shanghai
    assert {r.due_at for r in panel(found)} == {datetime(2026, 5, 20, 15, 59, 59, tzinfo=UTC)}


def test_submitting_twice_is_harmless(ada: Person, rita: Person, rob: Person, schools: Topic) -> None:
    made = question(ada, schools)
    twin = made.fresh()
    process.submit(made, by=ada)
    process.submit(twin, by=ada)
    process.submit(twin, by=ada)
    assert Review.select().count() == 2
    assert Credit.select().count() == 1


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("debrief", {"title", "situation", "doubt", "action", "outcome", "lesson", "topics"}),
        ("question", {"title", "doubt", "action", "topics"}),
        ("suggestion", {"title", "situation", "action", "topics"}),
    ],
)
def test_what_is_missing_is_named(ada: Person, kind: str, missing: set[str]) -> None:
    made = Experience.begin(by=ada, kind=kind)
    assert set(made.missing()) == missing
    with pytest.raises(Invalid) as caught:
        process.submit(made, by=ada)
    assert set(caught.value.errors) == missing
    assert made.fresh().state == "draft"


def test_personal_data_is_named_beside_its_field_and_must_go(ada: Person, schools: Topic) -> None:
    made = question(ada, schools, action=TEXT + "电话 13812345678。", title="问 li@example.com")
    with pytest.raises(Invalid) as caught:
        process.submit(made, by=ada, names_checked=True)
    assert set(caught.value.errors) == {"title", "action"}
    with i18n.speaking("en"):
        assert "phone number “13812345678”" in i18n.gettext(caught.value.errors["action"])
    assert made.fresh().state == "draft"


def test_a_customers_name_is_found_and_may_stay_only_knowingly(
    deal: Deal, ada: Person, schools: Topic
) -> None:
    made = Experience.begin(by=ada, kind="debrief", deal=deal)
    parts: dict[str, Any] = dict.fromkeys(("title", "situation", "doubt", "outcome", "lesson"), "说清楚")
    made.save_draft(by=ada, topics=[schools], action="请刘建国先看一遍。", **parts)
    with pytest.raises(Invalid) as caught:
        process.submit(made, by=ada)
    assert set(caught.value.errors) == {"action"}
    process.submit(made, by=ada, names_checked=True)
    assert made.fresh().state == "submitted"


def test_co_authors_share_the_credit(ada: Person, ben: Person, schools: Topic) -> None:
    made = question(ada, schools)
    process.submit(made, by=ada, co_authors={ben: 300_000})
    assert made not in Experience.visible_to(ben)
    assert Notice.get(Notice.person == ben).url == f"/experiences/{made.id}/co-author"
    process.agree_to_share(made, by=ben)
    assert {c.person_id: c.share for c in Credit.select()} == {ada.id: 700_000, ben.id: 300_000}
    assert made in Experience.visible_to(ben)
    made.withdraw(by=ada)
    process.submit(made.fresh(), by=ada)
    assert made not in Experience.visible_to(ben)
    told = Notice.select().where(Notice.person == ben).order_by(Notice.id.desc()).first()
    assert "no longer names you" in str(told.text)
    process.submit(made.fresh(), by=ada)
    assert Notice.select().where(Notice.person == ben).count() == 2


@pytest.mark.parametrize("share", [0, -1, 1_000_000, 2_000_000])
def test_shares_must_leave_something_for_everyone(
    ada: Person, ben: Person, schools: Topic, share: int
) -> None:
    made = question(ada, schools)
    with pytest.raises(Invalid):
        process.submit(made, by=ada, co_authors={ben: share})
    assert made.fresh().state == "draft"


def test_what_is_in_review_cannot_be_changed(ada: Person, schools: Topic) -> None:
    made = question(ada, schools)
    process.submit(made, by=ada)
    with pytest.raises(Invalid):
        made.save_draft(by=ada, title="anders")


def test_withdrawn_it_can_be_written_on_and_counts_anew(ada: Person, rita: Person, schools: Topic) -> None:
    made = question(ada, schools)
    with clock.moved(datetime(2026, 5, 31, 15, 0, tzinfo=UTC)):
        process.submit(made, by=ada)
        made.withdraw(by=ada)
        made.withdraw(by=ada)
    assert list(Review.waiting_for(rita)) == []
    with clock.moved(datetime(2026, 6, 1, 2, 0, tzinfo=UTC)):
        process.submit(made, by=ada)
    assert made.fresh().first_submitted_at == datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
    assert made.round == 2
    assert len(list(Review.waiting_for(rita))) == 1


# ------------------------------------------------------------------ a revision's date


@pytest.mark.parametrize(
    ("resubmitted", "kept"),
    [
        # asked on Wednesday 20 May 2026; ten working days later is Wednesday 3 June
        (datetime(2026, 5, 21, 2, 0, tzinfo=UTC), True),
        (datetime(2026, 6, 3, 2, 0, tzinfo=UTC), True),
        (datetime(2026, 6, 3, 15, 59, 59, tzinfo=UTC), True),  # 23:59:59 in Shanghai
        (datetime(2026, 6, 3, 16, 0, 0, tzinfo=UTC), False),
    ],
)
def test_a_revision_within_10_working_days_keeps_its_first_date(
    ada: Person, schools: Topic, resubmitted: datetime, kept: bool
) -> None:
    first = datetime(2026, 5, 15, 2, 0, tzinfo=UTC)
    made = question(ada, schools)
    with clock.moved(first):
        process.submit(made, by=ada)
    with clock.moved(datetime(2026, 5, 20, 9, 0, tzinfo=UTC)):
        made.step("revision", since=("submitted",), revision_asked_at=clock.now())
        made.await_revision()
    assert made.revision_until == date(2026, 6, 3)
    with clock.moved(resubmitted):
        process.submit(made, by=ada)
    assert made.fresh().first_submitted_at == (first if kept else resubmitted)
    assert made.fresh().round == 2


# ------------------------------------------------------------------ duplicates


def test_overlap_is_the_share_of_the_new_texts_5_grams() -> None:
    # "abcdefghij" has 6 runs of five letters; "abcdefgh" has 4 of them
    assert likeness.overlap(likeness.grams("abcdefghij"), likeness.grams("ABCD, EFGH!")) == (Fraction(4, 6))
    assert likeness.overlap(likeness.grams(""), likeness.grams("abcdef")) == 0


@pytest.mark.parametrize(("every", "asked"), [(9, True), (6, True), (2, False)])
def test_letters_put_in_hide_no_copy(
    ada: Person, ben: Person, schools: Topic, every: int, asked: bool
) -> None:
    """Attack: 的 at every sixth character leaves 2 of 6 5-grams of the known text, and 4 of 6 runs of three."""
    text = "".join(chr(0x4E00 + (at * 7919 + at * at * 31) % 20_000) for at in range(300))
    process.submit(question(ada, schools, title="甲", doubt="乙", action=text), by=ada)
    copied = "".join(c + "的" * (at % every == 0) for at, c in enumerate(text, start=1))
    assert likeness.overlap(likeness.grams(copied), likeness.grams(text)) < Fraction(3, 5)
    copy = question(ben, schools, title="丙", doubt="丁", action=copied)
    assert (likeness.likest(copy) is not None) is asked
    english = (
        "Some who come to see a flat ask for the school first and for the price of the parking after it. "
    )
    other = (
        "Whoever wants to rent the flat asks for a lower price, and after that for the school and parking. "
    )
    assert likeness.likeness(english * 3, other * 3) < Fraction(3, 5), "the letters of a language are no copy"
    words = [f"word{at * at * 31 % 997}" for at in range(200)]
    more = " ".join(word + " really" * (at % 8 == 0) for at, word in enumerate(words))
    assert likeness.likeness(more, " ".join(words)) > Fraction(3, 5)


def test_a_near_duplicate_is_asked_about_and_may_be_confirmed(
    ada: Person, ben: Person, schools: Topic
) -> None:
    first = question(ada, schools)
    process.submit(first, by=ada)
    copy = question(ben, schools)
    with pytest.raises(Invalid) as caught:
        process.submit(copy, by=ben)
    assert set(caught.value.errors) == {"duplicate_checked"}
    found = likeness.likest(copy)
    assert found is not None
    assert found[0] == first
    assert found[1] == 1
    process.submit(copy, by=ben, duplicate_checked=True)
    assert copy.fresh().state == "submitted"


@pytest.mark.parametrize("state", ["rejected", "merged", "accepted"])
def test_what_was_decided_is_not_handed_in_again(
    ada: Person, ben: Person, schools: Topic, state: str
) -> None:
    """Attack: word for word, and with filler around a copy; by its author or another."""
    first = question(ada, schools)
    process.submit(first, by=ada)
    Experience.update(state=state).where(Experience.id == first.id).execute()
    for writer in (ada, ben):
        with pytest.raises(Invalid) as caught:
            process.submit(question(writer, schools), by=writer, duplicate_checked=True)
        assert set(caught.value.errors) == {""}
    filler = "".join(chr(0x4E00 + number) for number in range(250))
    padded = question(ben, schools, action=filler[:120] + TEXT + filler[120:])
    with pytest.raises(Invalid) as caught:
        process.submit(padded, by=ben)
    assert set(caught.value.errors) == {"duplicate_checked"}
    process.submit(padded, by=ben, duplicate_checked=True)
    assert padded.near_id == first.id  # its reviewers see it beside


def test_texts_of_one_letter_are_alike(ada: Person, schools: Topic) -> None:
    """Attack: ten experiences of one letter."""
    process.submit(question(ada, schools, doubt="啊" * 60, action="啊" * 90), by=ada)
    again = question(ada, schools, title="第二条经验", doubt="啊" * 50, action="啊" * 80)
    with pytest.raises(Invalid) as caught:
        process.submit(again, by=ada)
    assert set(caught.value.errors) == {"duplicate_checked"}


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_what_nobody_waits_for_is_not_compared(ada: Person, ben: Person, schools: Topic, state: str) -> None:
    first = question(ada, schools)
    process.submit(first, by=ada)
    Experience.update(state=state).where(Experience.id == first.id).execute()
    process.submit(question(ben, schools), by=ben)


def test_another_text_on_the_same_topic_is_no_duplicate(ada: Person, ben: Person, schools: Topic) -> None:
    process.submit(question(ada, schools), by=ada)
    other = question(
        ben,
        schools,
        title="多校划片怎么讲",
        doubt="万一派到差的学校呢？",
        action="把近三年的派位比例做成一张表。",
    )
    process.submit(other, by=ben)
    assert other.fresh().state == "submitted"


def test_a_long_text_is_found_among_many(ada: Person, ben: Person, schools: Topic) -> None:
    def story(n: int) -> str:
        return "".join(chr(0x4E00 + (n * 7919 + i * 104_729 + i * i * 31) % 20_000) for i in range(600))

    for n in range(30):
        process.submit(question(ada, schools, title=f"{n}", action=story(n)), by=ada)
    copy = question(ben, schools, action=story(17)[:500] + story(99)[:100])
    found = likeness.likest(copy)
    assert found is not None
    assert found[0].title == "17"


@pytest.mark.parametrize(
    "amount",
    "760 万元|760万|¥7.6 million|7,600,000|7600000 元|七百六十万|$1,250.50|€90k|3 千块|12 yuan".split("|"),
)
def test_prices_that_were_offered_are_not_quoted(deal: Deal, ada: Person, amount: str) -> None:
    said(deal, 2, f"They offered {amount}, no more.", ada)
    with i18n.speaking("en"):
        found = Experience.begin(by=ada, kind="debrief", deal=deal)
    assert "They offered 〔…〕, no more." in found.situation


def test_nothing_is_handed_in_word_for_word_as_the_deal_s_notes_have_it(
    deal: Deal, ada: Person, ben: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    """Reviewers who read the notes of a deal would know by a quote whose debrief it is (RULES 4.2)."""
    said(deal, 2, "客户担心夜里电梯的声音会吵到孩子。", ben)
    said(deal, 3, "She asks whether the neighbours above have a piano.", ada)
    made = Experience.begin(by=ada, kind="debrief", deal=deal)
    parts: dict[str, Any] = {
        "situation": "Quiet, please.",
        "action": "Went at ten.",
        "lesson": "Go at night.",
    }
    for doubt, quoted in (
        ("客户担心夜里电梯的声音，会吵到孩子！", True),
        ("Yes: she asks whether the neighbours above have a piano", True),
        ("孩子浅眠，她问电梯响不响。", False),
    ):
        made.fresh().save_draft(by=ada, title="Listen at night", outcome="They bought.", doubt=doubt, **parts)
        if quoted:
            with pytest.raises(Invalid) as refused:
                process.submit(made.fresh(), by=ada, topics=[schools])
            assert list(refused.value.errors) == ["doubt"], doubt
        else:
            process.submit(made.fresh(), by=ada, topics=[schools])
    assert made.fresh().state == "submitted"
