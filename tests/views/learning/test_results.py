"""The results of a course as a file: for whom they are, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io

from portal.models.base.record import Event
from portal.models.company.topics import Topic
from portal.models.learning.enrolments import Enrolment
from portal.models.people.people import Person, Role
from tests.conftest import SignIn
from tests.learning import course_of, exam_of, take


def lines(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_makers_take_all_managers_their_people_and_nobody_a_formula(
    stan: Person, ada: Person, ben: Person, mona: Person, rita: Person, schools: Topic, sign_in: SignIn
) -> None:
    course = course_of(stan, schools, articles=1)
    exam = exam_of(course)
    for person in (ada, rita):
        Enrolment.enrol(course, person, by=person)
    take(exam, ada, right=2)
    Person.update(name="=HYPERLINK(1)").where(Person.id == ada.id).execute()
    address = f"/courses/{course.id}/people/export"
    told = lines(sign_in(stan).post(address).text)
    assert {row[0] for row in told[1:3]} == {"'=HYPERLINK(1)", "Rita"}
    mine = next(row for row in told if row[0] == "'=HYPERLINK(1)")
    assert (mine[1], mine[4:6], mine[8], mine[9]) == ("", ["0", "1"], "1", "100.0")
    assert "Stan" in told[-1][0]
    assert [row[:2] for row in lines(sign_in(mona).post(address).text)[1:-1]] == [["'=HYPERLINK(1)", "E001"]]
    assert sign_in(ada).post(address).status_code == 403
    assert sign_in(ben).post(address).status_code == 403
    assert {event.verb for event in Event.select()} >= {"exported", "export refused"}


def test_the_best_result_stands_there_for_who_has_not_passed_too(
    stan: Person, ada: Person, ben: Person, schools: Topic, sign_in: SignIn
) -> None:
    course = course_of(stan, schools, articles=1)
    exam = exam_of(course)
    for person in (ada, ben):
        Enrolment.enrol(course, person, by=person)
    take(exam, ada, right=1)
    take(exam, ada, right=0)
    told = {
        row[0]: row[8:11] for row in lines(sign_in(stan).post(f"/courses/{course.id}/people/export").text)
    }
    assert told["Ada"] == ["2", "50.0", ""]
    assert told["Ben"] == ["0", "", ""]


def test_a_manager_of_another_team_takes_an_empty_list(
    stan: Person, ada: Person, rita: Person, schools: Topic, sign_in: SignIn
) -> None:
    course = course_of(stan, schools, articles=1)
    Enrolment.enrol(course, ada, by=ada)
    rita.grant(Role.MANAGER, by=None)
    found = lines(sign_in(rita).post(f"/courses/{course.id}/people/export").text)
    assert "Ada" not in str(found)
