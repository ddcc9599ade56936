"""What is sold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Self

from peewee import CharField, Check, ForeignKeyField, ModelSelect, fn

from portal import i18n
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import MarkdownField, MoneyField, NameField, UtcDateTimeField
from portal.models.base.record import Archivable, Invalid, Searchable
from portal.models.people.notices import Notice
from portal.models.people.ownership import Owned
from portal.models.people.people import Person, auditors
from portal.models.products.words import PRODUCT

NewOwner = Callable[["Product"], None]
_FOLLOWS: list[NewOwner] = []


def follows_its_owner(follow: NewOwner) -> NewOwner:
    """Let a wing hand on what waits for the owner of a product, which has another one now."""
    _FOLLOWS.append(follow)
    return follow


class Product(Owned, Archivable, Searchable):
    """Something the company sells, with its questions and its knowledge."""

    called = PRODUCT

    code = NameField(60, unique=True, verbose_name=Phrase("Code"))
    name = NameField(200, verbose_name=Phrase("Name"))
    name_en = NameField(200, default="", verbose_name=Phrase("English name"))
    series = NameField(120, default="", verbose_name=Phrase("Series"))
    series_en = NameField(120, default="", verbose_name=Phrase("Series in English"))
    """Written once for a series: its other products take it over, and a change of it too."""
    list_price = MoneyField(null=True, verbose_name=Phrase("List price"))
    description = MarkdownField(default="", verbose_name=Phrase("Description"))
    """Markdown."""
    owner = ForeignKeyField(
        Person, null=True, on_delete="RESTRICT", backref="products_owned", verbose_name=Phrase("Owner")
    )
    """Who answers what is suggested about it; none: whoever its topics belong to (scenario S52)."""
    owner_id: int | None
    archived_at = UtcDateTimeField(null=True)
    currency = CharField(3, default="CNY")

    class Meta:
        # One index for each offered sort, alone and under the series filter.
        indexes = (
            (("name", "id"), False),
            (("list_price", "id"), False),
            (("series", "code", "id"), False),
        )
        constraints = [Check("list_price IS NULL OR list_price >= 0")]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Everyone who works here knows them."""
        return cls.select()

    @classmethod
    def matching(cls, text: str) -> Any:
        """The condition that a product's name, series or code holds this text."""
        return (
            cls.name.contains(text)
            | cls.name_en.contains(text)
            | cls.series.contains(text)
            | cls.series_en.contains(text)
            | fn.LOWER(cls.code).startswith(text.lower())
        )

    @classmethod
    def add(cls, *, by: Person | None, code: str, name: str, **fields: Any) -> Product:
        """Take a product into the range. Raises Invalid."""
        if not fields.get("series_en"):
            fields |= cls._english_of(fields)
        product = cls(code=code.strip(), name=name.strip(), **fields)
        product._check({"code": code.strip(), "name": name, **fields})
        with db.atomic():
            product.save(force_insert=True)
            product.track("added", by=by, changes={"name": [None, product.name]})
            product._tell_owners(None, by)
            if product.series_en:
                product._name_series(by)
        return product

    def edit(self, *, by: Any, version: int | None = None, **values: Any) -> dict[str, list[Any]]:
        """Change fields. Who says anew what its series is called in English says so for all products of it;
        who puts it into another series takes the name of that. Raises Invalid, and Stale when version is old.
        """
        self._check(values)
        moves = "series" in self.changed_fields(values)
        renames = "series_en" in self.changed_fields(values) and bool(values["series_en"] or not moves)
        if not renames:
            values |= self._english_of({"series": self.series, **values})
        with db.atomic():
            changes = super().edit(by=by, version=version, **values)
            if renames and "series_en" in changes:
                self._name_series(by)
            if "owner" in changes:
                self._tell_owners(changes["owner"][0], by)
        return changes

    def touch(self, values: Mapping[str, Any]) -> None:
        super().touch(values)
        if "owner" in values:
            for follow in _FOLLOWS:
                follow(self)

    def _tell_owners(self, before: int | None, by: Person | None) -> None:
        """Who owns it now, and who did, unless it was their own act."""
        if by is None:
            return
        to = self.owner
        if to is not None and to.id != by.id:
            Notice.tell(to, self.handed_over(by), about=self)
        if before in (None, by.id):
            return
        if to is not None:
            self._tell_former(before, to, by)
        else:
            told = Phrase("%(product)s is no longer yours: %(who)s.", product=names(self), who=names(by))
            Notice.tell(before, told, about=self)

    def handed_over(self, by: Person) -> Phrase:
        return Phrase("%(who)s made you the owner of %(product)s.", who=names(by), product=names(self))

    @classmethod
    def many_handed_over(cls, count: int, by: Person) -> Phrase:
        return Phrase("%(who)s made you the owner of products: %(count)s.", who=names(by), count=count)

    @classmethod
    def owners(cls) -> ModelSelect[Person]:
        """Everyone to whom one may belong: here, and no auditor, who answers nothing."""
        return Person.select().where(Person.deactivated_at.is_null() & Person.id.not_in(auditors()))

    def _name_series(self, by: Any) -> None:
        """The other products of its series are called as this one; of one without a series there are none."""
        others = (Product.series == self.series) & (Product.series != "") & (Product.id != self.id)
        for each in list(Product.select().where(others & (Product.series_en != self.series_en))):
            super(Product, each).edit(by=by, series_en=self.series_en)

    @property
    def series_name(self) -> str:
        """What its series is called in the language in use."""
        return str((i18n.current() == "en" and self.series_en) or self.series)

    @classmethod
    def series_in_use(cls, limit: int) -> dict[str, str]:
        """The series of what is sold, as each is called in the language in use."""
        english: Any = fn.MAX(cls.series_en)
        sold = (cls.series != "") & cls.archived_at.is_null()
        rows: Any = cls.select(cls.series, english).where(sold).group_by(cls.series).order_by(cls.series)
        return {
            name: (i18n.current() == "en" and in_english) or name
            for name, in_english in rows.limit(limit).tuples()
        }

    @classmethod
    def in_english(cls, series: Collection[str]) -> dict[str, str]:
        """What these series are called in English, those that have such a name."""
        named: Any = cls.select(cls.series, fn.MAX(cls.series_en)).where(cls.series_en != "")
        return dict(named.where(cls.series.in_(list(series))).group_by(cls.series).tuples()) if series else {}

    @classmethod
    def _english_of(cls, values: Mapping[str, Any]) -> dict[str, str]:
        """The English name of its series that another of its products has."""
        series = (values.get("series") or "").strip()
        found = cls.in_english([series] if series else []).get(series)
        return {"series_en": found} if found else {}

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        """What is wrong with these facts, by field."""
        errors: dict[str, Phrase] = {}
        if "name" in values and not values["name"].strip():
            errors["name"] = Phrase("A name is needed.")
        if "code" in values and not values["code"].strip():
            errors["code"] = Phrase("A code is needed.")
        if (values.get("list_price") or 0) < 0:
            errors["list_price"] = Phrase("A price cannot be negative.")
        return errors

    def _check(self, values: Mapping[str, Any]) -> None:
        errors = self.faults(values)
        other = Product.get_or_none(Product.code == values["code"]) if "code" in values else None
        if other is not None and other.id != self.id:
            errors["code"] = Phrase("Another product has this code.")
        owner = values.get("owner")
        if owner is not None and owner != self.owner and not self.owners().where(Person.id == owner).exists():
            errors["owner"] = Phrase("Choose someone who works here and does not audit.")
        if errors:
            raise Invalid(errors)

    @classmethod
    def addable_by(cls, person: Person) -> bool:
        """What is sold is decided by managers and kept by administrators."""
        return person.is_manager or person.is_administrator

    def editable_by(self, person: Person) -> bool:
        return self.addable_by(person)
