"""Every setting has a page that shows it, says why it is there, changes it, and refuses what is out of range."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from portal.models.base.nouns import FACTS
from portal.models.company.rooms import ROOMS, RULES
from portal.models.company.rules import Rule
from portal.models.company.settings import DEFAULTS, Setting
from portal.models.company.words import ABOUT, CONTACT_GROUPS
from portal.models.people.people import Person
from portal.models.people.rule_changes import RuleChange
from portal.models.people.second_factor import SecondFactor, new_secret
from tests.conftest import SignIn

NAMES = {"name": "安居里", "name_en": "Home", "language": "zh"}
HELP = {"logo": "y"}
TERMS = {"notices": "365", "searches": "180", "uploads": "30", "recordings": "90", "jobs": "90"}
WHY = "We have been too strict so far."
REVIEW = {
    "reason": WHY, "correct": "30", "reusable": "25", "new": "20", "clear": "15", "linked": "10", "pass_mark": "70", "gap": "15",
}  # fmt: skip
CALENDAR = {"country": "CN", "weekend": "5,6"}
RIGHTS = {"sent": "y"}


class Change(NamedTuple):
    """A change of one setting from its page, what it is then, and what the page refuses and says instead."""

    page: str
    sent: dict[str, str]
    value: Any
    refused: dict[str, str] = {}
    accepted: str = ""


CHANGES: dict[str, Change] = {
    **{
        f"contact.{name}": Change("/loop/groups", {name: "1"}, [1], {"service": "1", "dealers": "1"}, "group")
        for name in CONTACT_GROUPS
    },
    "company.name": Change(
        "/admin/company", NAMES | {"name": "河湾"}, "河湾", NAMES | {"name": "x" * 61}, "60"
    ),
    "company.name_en": Change(
        "/admin/company", NAMES | {"name_en": "Bay"}, "Bay", NAMES | {"name_en": "x" * 61}, "60"
    ),
    "company.language": Change(
        "/admin/company", NAMES | {"language": "en"}, "en", NAMES | {"language": "fr"}
    ),
    "company.second_factor": Change(
        "/admin/company/sign-in", {"second_factor": "acts"}, "acts", {"second_factor": "x"}
    ),
    "rights.need": Change("/rights/edit", RIGHTS | {"need": "y"}, True),
    "rights.customers": Change("/rights/edit", RIGHTS | {"customer_finance": "y"}, ["finance"]),
    "rights.deals": Change("/rights/edit", RIGHTS | {"deal_auditor": "y"}, ["auditor"]),
    "calendar.country": Change(
        "/admin/company/working-days", CALENDAR | {"country": "DE"}, "DE", CALENDAR | {"country": "XX"}
    ),
    "calendar.weekend": Change(
        "/admin/company/working-days", CALENDAR | {"weekend": "6"}, "6", CALENDAR | {"weekend": "9"}
    ),
    "review.weights": Change(
        "/admin/review-rules",
        REVIEW | {"new": "21"},
        [30, 25, 21, 15, 10],
        REVIEW | {"new": "101"},
        "0 and 100",
    ),
    "review.pass_mark": Change(
        "/admin/review-rules", REVIEW | {"pass_mark": "75"}, 75, REVIEW | {"pass_mark": "0"}, "1 and 100"
    ),
    "review.gap": Change(
        "/admin/review-rules", REVIEW | {"gap": "20"}, 20, REVIEW | {"gap": "101"}, "1 and 100"
    ),
    "review.panel_lead": Change(
        "/admin/review-rules", REVIEW | {"panel_lead": "Mona"}, "Mona", REVIEW | {"panel_lead": "Nobody"}
    ),
    "help.is_open": Change("/admin/help-site", HELP | {"is_open": "y"}, True),
    "help.title": Change(
        "/admin/help-site", HELP | {"title": "帮助"}, "帮助", HELP | {"title": "x" * 61}, "60"
    ),
    "help.title_en": Change("/admin/help-site", HELP | {"title_en": "Help"}, "Help"),
    "help.welcome": Change(
        "/admin/help-site", HELP | {"welcome": "你好"}, "你好", HELP | {"welcome": "x" * 501}, "500"
    ),
    "help.welcome_en": Change("/admin/help-site", HELP | {"welcome_en": "Hello"}, "Hello"),
    "help.logo": Change("/admin/help-site", {"title": ""}, False),
    "help.names": Change("/admin/help-site", HELP | {"names": "y"}, True),
    "help.contact": Change("/admin/help-site", HELP | {"contact": "y"}, True),
    "keep.notices": Change(
        "/admin/retention", TERMS | {"notices": "40"}, 40, TERMS | {"notices": "29"}, "30 and 3650"
    ),
    "keep.searches": Change(
        "/admin/retention", TERMS | {"searches": "40"}, 40, TERMS | {"searches": "29"}, "30 and"
    ),
    "keep.jobs": Change("/admin/retention", TERMS | {"jobs": "8"}, 8, TERMS | {"jobs": "6"}, "7 and"),
    "keep.recordings": Change(
        "/admin/retention", TERMS | {"recordings": "60"}, 60, TERMS | {"recordings": "29"}, "30 and 365"
    ),
    "keep.uploads": Change(
        "/admin/retention", TERMS | {"uploads": "2"}, 2, TERMS | {"uploads": "366"}, "1 and 365"
    ),
}


def filled(page: str, **other: int) -> dict[str, str]:
    """What the form of a page of rules sends: what is usual, but for some."""
    usual = {rule.field: rule.usual for rule in ROOMS[page].rules} | other
    return {name: str(value) for name, value in usual.items()} | {"reason": WHY}


def chosen(page: str, rule: Rule) -> Change:
    """The least that leaves the order of the page as it is; one less than the least is refused."""
    value = rule.most if rule.usual == rule.least else rule.least
    before = [names[: names.index(rule.name)] for names in ROOMS[page].in_order if rule.name in names]
    other = {RULES[name].field: RULES[name].least for name in (before[0] if before else ())}
    return Change(
        f"/admin/rules/{page}",
        filled(page, **other | {rule.field: value}),
        value,
        filled(page, **{rule.field: rule.least - 1}),
        f"{rule.least} and {rule.most}",
    )


CHANGES |= {rule.name: chosen(page, rule) for page, room in ROOMS.items() for rule in room.rules}
ELSEWHERE = {
    "payroll.columns": "are chosen where payroll files are exported (tests/views/commission/test_payroll.py)",
    "company.logo": "is a file: tests/views/company/test_logo.py",
    "setup.later": "is pressed on the set-up's own page (tests/views/home/test_setting_up.py)",
}


def test_every_setting_is_on_a_page_and_none_is_on_two() -> None:
    assert set(CHANGES) | set(ELSEWHERE) == set(DEFAULTS)
    shown = [name for said in ABOUT.values() for name in said.settings]
    assert sorted(shown) == sorted(CHANGES)


@pytest.mark.parametrize("name", list(CHANGES))
def test_a_setting_is_shown_changed_and_told(sign_in: SignIn, adam: Person, mona: Person, name: str) -> None:
    SecondFactor.create(person=adam, secret=new_secret())  # who asks others for one has one
    change, browser = CHANGES[name], sign_in(adam)
    said = next(each for each in ABOUT.values() if name in each.settings)
    page = browser.get(change.page).text
    assert said.why.msgid in page
    assert said.rule.msgid in page
    assert "Nobody yet: what is usual holds." in page
    if change.refused:
        refused = browser.post(change.page, data=change.refused)
        assert refused.status_code == 422
        assert change.accepted in refused.text
        assert Setting.read(name) == DEFAULTS[name]
    assert browser.post(change.page, data=change.sent).status_code == 303
    if said.second:
        assert Setting.read(name) == DEFAULTS[name]
        RuleChange.get(RuleChange.state == "asked").approve(by=mona)
    value = Setting.read(name)
    assert (Person.get_by_id(value).name if name == "review.panel_lead" else value) == change.value
    page = browser.get(change.page).text
    assert f"{FACTS[name]}: " in page
    assert "Adam" in page
    adam.edit(by=adam, locale="zh")
    chinese = browser.get(change.page).text
    assert "为什么有这项设置" in chinese
    assert said.why.msgid not in chinese
    assert sign_in(mona).post(change.page, data=change.sent).status_code in (401, 403)


def test_no_weights_at_all_are_refused(sign_in: SignIn, adam: Person) -> None:
    none = REVIEW | dict.fromkeys(("correct", "reusable", "new", "clear", "linked"), "0")
    answer = sign_in(adam).post("/admin/review-rules", data=none)
    assert answer.status_code == 422
    assert "give it a weight from 1 to 100" in answer.text


def test_deadlines_come_one_after_the_other(sign_in: SignIn, adam: Person) -> None:
    """A reminder after the review has passed on would remind nobody."""
    answer = sign_in(adam).post("/admin/rules/reviews", data=filled("reviews", review_remind_days=4))
    assert answer.status_code == 422
    assert "This cannot come before “Reviewers are reminded after”: write at least 4." in answer.text
    assert not RuleChange.select().exists()


def test_a_page_of_rules_that_there_is_not(sign_in: SignIn, adam: Person, mona: Person) -> None:
    assert sign_in(adam).get("/admin/rules/pay").status_code == 404
    assert sign_in(mona).get("/admin/rules/points").status_code == 403


def test_everyone_reads_what_holds_and_what_is_usual(sign_in: SignIn, ada: Person, adam: Person) -> None:
    Setting.choose("points.accepted", 25, by=adam)
    page = sign_in(ada).get("/rules").text
    assert "usual: 20" in page
    assert "30 · 25 · 20 · 15 · 10" in page
    assert "/admin/rules" not in page
    assert "/admin/rules/points" in sign_in(adam).get("/rules").text
