"""What a month tells of customer types gives nobody's leads away, however it is added and subtracted (RULES 4.9)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import product as choices
from random import Random

from portal.models.insights.leads import Cell, Contacted, Lead, Mixed, are_few
from portal.models.people.people import Person

Grid = dict[Cell, list[int]]
"""Who contacted one lead each, by type and product; the types are known by their customers' ids."""


def mixed(grid: Grid, closed: Iterable[int] = ()) -> Mixed:
    """The leads of such a month."""
    leads, on = list[Lead](), date(2026, 5, 5)
    for (kind, product), owners in grid.items():
        for owner in owners:
            first = Contacted(len(leads), kind, product, owner, on, None, None)
            leads.append(Lead(first, frozenset((owner,))))
    return Mixed(leads, {kind: kind for kind, _ in grid if kind is not None}, [*closed])


def of(grid: Grid, n: int, kinds: Iterable[int | None]) -> set[int]:
    """Who contacted those whose type, or product, is one of these."""
    return {owner for cell, owners in grid.items() if cell[n] in set(kinds) for owner in owners}


def gives_away(grid: Grid, types: list[int | None], products: list[int | None], person: Person) -> bool:
    """Whether some sum of all, of these types and of these products, each once, less or not at all, is of
    few others.
    """
    for factors in choices((-1, 0, 1), repeat=len(types) + len(products) + 1):
        by_type = dict(zip(types, factors[1:], strict=False))
        by_product = dict(zip(products, factors[1 + len(types) :], strict=True))
        others = {
            owner
            for cell, owners in grid.items()
            if factors[0] + by_type.get(cell[0], 0) + by_product.get(cell[1], 0) != 0
            for owner in owners
        } - {person.id}
        if 0 < len(others) < 3:
            return True
    return False


def test_a_product_less_two_types_that_lie_in_it_is_not_one_sellers(ada: Person) -> None:
    """Types 1 and 2 are in product 1 alone, which has three leads more: of seller 109, of type 3."""
    three, four = [101, 102, 103] * 3, [104, 105, 106] * 3
    grid: Grid = {(1, 1): three, (2, 1): three, (3, 1): [109] * 3, (3, 2): four, (4, 2): four}
    assert gives_away(grid, [1, 2, 3, 4], [1, 2], ada)
    hidden = mixed(grid).hidden_from(ada)
    shown = [kind for kind in (1, 2, 3, 4) if kind not in hidden]
    assert 4 in shown, "it is beside the point"
    assert not gives_away(grid, [*shown], [1, 2], ada)


def test_no_sum_and_no_difference_of_what_is_told_is_of_few_others(ada: Person) -> None:
    drawn, some, all_of_them = Random(60), 0, 0
    for _ in range(60):
        cells = [cell for cell in choices((1, 2, 3), (1, 2, 3)) if drawn.random() < 0.7]
        sellers = [ada.id, *range(101, 107)]
        grid: Grid = {cell: drawn.sample(sellers, drawn.choice((1, 1, 2, 3, 4, 6))) for cell in cells}
        closed = [each for each in (1, 2, 3) if are_few(of(grid, 1, [each]), ada)]
        if are_few(of(grid, 1, closed), ada):
            continue  # these products are in no sum at all
        types, hidden = sorted({kind for kind, _ in grid if kind}), mixed(grid, closed).hidden_from(ada)
        shown = [kind for kind in types if kind not in hidden]
        products = [each for each in (1, 2, 3) if each not in closed]
        assert not gives_away(grid, [*shown], [*products], ada), (grid, hidden)
        some += bool(shown and hidden)
        all_of_them += len(shown) == len(types)
    assert some > 5, "what need not be hidden is told"
    assert all_of_them > 10, "where nothing is given away nothing is hidden"
