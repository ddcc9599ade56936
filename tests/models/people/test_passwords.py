"""Which passwords are refused: short, common, made of what everyone knows."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.models.base.record import Invalid
from portal.models.company.settings import Setting
from portal.models.people import passwords
from portal.models.people.people import Person
from portal.models.people.sessions import set_password


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "password12",
        "qwertyuiop12",
        "a1b2c3d4e5",
        "aaaaaaaaaaaa",
        "iloveyou520",
        "20200101202",
        "短密码",
        "P@ssw0rd12",
        "Huawei@1234",
        "5201314woaini",
        "zhongguo2026",
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        passwords.check(password)


def test_ones_name_beside_a_birthday_is_refused() -> None:
    passwords.check("liming19900101")  # of somebody else it says nothing
    with pytest.raises(Invalid):
        passwords.check("liming19900101", own=["李明"])


@pytest.mark.parametrize(
    "password", ["correct horse battery", "公园里的蓝色旧自行车", "ceshi-mima-2020", "zW8!rrQ2pv"]
)
def test_what_is_not_is_taken(password: str) -> None:
    passwords.check(password)


@pytest.mark.parametrize(
    "password",
    [
        "lim@anjuli.example",
        "limingming2026",
        "LiMingMing!!!",
        "mingming-li-1",
        "李明明李明明李明明!",
        "安居里房产2026",
        "anjuli-homes-1",
    ],
)
def test_what_everyone_knows_of_its_owner_is_refused(app: object, password: str) -> None:
    Setting.choose("company.name", "安居里房产", by=None)
    Setting.choose("company.name_en", "Anjuli Homes", by=None)
    li = Person.add(by=None, email="lim@anjuli.example", name="李明明", name_en="Li Mingming")
    with pytest.raises(Invalid):
        set_password(li, password, by=li)
    set_password(li, "公园里的蓝色旧自行车", by=li)


def test_hashes_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 19 MB: however many sign in at once, one is made at a time."""
    at_work, most, guard = [0], [0], threading.Lock()
    verify = passwords._context.verify

    def watched(*args: str) -> bool:
        with guard:
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
        try:
            return bool(verify(*args))
        finally:
            with guard:
                at_work[0] -= 1

    monkeypatch.setattr(passwords._context, "verify", watched)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: passwords.verify(f"a guess {n}", ""), range(8)))
    assert (found, most) == ([False] * 8, [1])


def test_nothing_is_right_for_who_has_no_password() -> None:
    assert not passwords.verify("nobody has this password", "")
