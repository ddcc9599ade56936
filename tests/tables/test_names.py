"""Misspelt names: proposed where one is meant, never where two might be."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.tables.names import key, resembling, similar
from portal.tables.table import read_table

PRODUCTS = ["GTX Basic", "GTX Pro", "MG Special", "MG Advanced", "GTX Plus Pro", "GTX Plus Basic", "GTK 500"]


@pytest.mark.parametrize(
    ("name", "known", "best"),
    [
        ("GTXPro", PRODUCTS, "GTX Pro"),
        ("gtx  pro", PRODUCTS, "GTX Pro"),
        ("ＧＴＸ Pro", PRODUCTS, "GTX Pro"),
        ("GTX-Pro", PRODUCTS, "GTX Pro"),
        ("GTK500", PRODUCTS, "GTK 500"),
        ("MG Specail", PRODUCTS, "MG Special"),
        ("GTX Plus Por", PRODUCTS, "GTX Plus Pro"),
        ("technolgy", ["technology", "medical", "retail"], "technology"),
        ("Philipines", ["Philippines", "United States"], "Philippines"),
        ("北京华心科技有限公司", ["北京华信科技有限公司", "上海电气集团"], "北京华信科技有限公司"),
        ("北京华信科技有公司", ["北京华信科技有限公司"], "北京华信科技有限公司"),
    ],
)
def test_misspelt(name: str, known: list[str], best: str) -> None:
    assert similar(name, known) == best


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("GTX Plus", PRODUCTS),
        ("GTX", PRODUCTS),
        ("GTX Max", PRODUCTS),
        ("MG Basic", PRODUCTS),
        ("GTK 50", PRODUCTS),
        ("GTK 600", PRODUCTS),
        ("Product A", ["Product B"]),
        ("Anna", ["Anne", "Hanna"]),
        ("Jonson", ["Johnson", "Jonsson"]),
        ("GTX PRO", ["gtx pro", "Gtx Pro"]),
        ("北京华星科技有限公司", ["北京华信科技有限公司"]),
        ("王玮", ["王伟"]),
        ("", ["a"]),
        ("???", ["!!!"]),
        ("anything", []),
    ],
)
def test_not_proposed(name: str, known: list[str]) -> None:
    assert similar(name, known) is None


@pytest.mark.parametrize(
    ("name", "known", "best"),
    [
        ("王海桃", ["王海涛", "李明朗"], "王海涛"),
        ("李明浪", ["王海涛", "李明朗"], "李明朗"),
        ("李明浪", ["李明亮", "李明朗"], "李明朗"),
        ("王玮", ["王伟"], "王伟"),
        ("王海清", ["王海涛", "王海波"], None),
        ("王波", ["王伟"], None),
        ("张海涛", ["王海涛"], None),
        ("王海", ["王海涛"], None),
        ("王海涛", ["王海涛"], None),
        ("Li Na", ["Li Ma"], None),
        ("", ["王伟"], None),
    ],
)
def test_a_short_chinese_name_that_is_easily_mistaken(name: str, known: list[str], best: str | None) -> None:
    """Of one sound first, then with one other character of three; where several are near, none is named."""
    assert resembling(name, known) == best


def test_exact_name_wins_over_its_likes() -> None:
    assert similar("Gtx Pro", ["gtx pro", "Gtx Pro"]) == "Gtx Pro"


def test_pipeline_has_one_misspelt_product(shared_data: Path) -> None:
    folder = shared_data / "crm_maven"
    products = [str(row.values[0]) for row in read_table(folder / "products.csv").rows]
    used = {str(row.values[2]) for row in read_table(folder / "sales_pipeline.csv").rows}
    assert {name: similar(name, products) for name in used - set(products)} == {"GTXPro": "GTX Pro"}


@pytest.mark.parametrize("column", ["sales_agent", "account"])
def test_known_names_are_not_taken_for_one_another(shared_data: Path, column: str) -> None:
    name = "sales_teams" if column == "sales_agent" else "accounts"
    known = [str(row.values[0]) for row in read_table(shared_data / "crm_maven" / f"{name}.csv").rows]
    assert {a: b for a in known if (b := similar(a, [other for other in known if other != a]))} == {}


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=5))
def test_proposal_is_one_of_the_known(name: str, known: list[str]) -> None:
    found = similar(name, known)
    assert found is None or found in known
    assert key(name) == key(name.upper().lower()) or not name.isascii()
