"""Products, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.models.base.intake import Intake
from portal.models.products.products import Product


class ProductIntake(Intake[Product]):
    """Products as a file brings or names them: one without a code is known by its name."""

    model = Product

    def add_named(self, name: str, **facts: Any) -> Product:
        return Product.add(by=self.by, code=self._codes([name])[0], name=name, **facts)

    def complete(self, rows: Sequence[dict[str, Any]]) -> None:
        lacking = [row for row in rows if not row.get("code")]
        for row, code in zip(lacking, self._codes([row["name"] for row in lacking]), strict=True):
            row["code"] = code
        unnamed = [row for row in rows if row.get("series") and not row.get("series_en")]
        named = Product.in_english({row["series"] for row in unnamed})
        named |= {
            row["series"]: row["series_en"] for row in rows if row.get("series") and row.get("series_en")
        }
        for row in unnamed:
            row["series_en"] = named.get(row["series"], "")

    def _codes(self, names: Sequence[str]) -> list[str]:
        return self.unused(Product.code, [(name[:55].strip(), "") for name in names])
