"""What every form shares: cleaned text, translated messages, and how it meets a model's verb."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple, ParamSpec

from markupsafe import Markup
from peewee import ModelSelect
from wtforms import Form as WTForm
from wtforms import fields, validators, widgets
from wtforms.fields.choices import Choice as Option  # type: ignore[attr-defined]
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.listing import number_of
from portal.models.base.published import Telling
from portal.models.base.receipts import Receipt, digest_of
from portal.models.base.record import Editable, Event, Invalid, Record, Resent, Stale
from portal.models.people.absences import Absence
from portal.models.people.people import Person
from portal.request import Unsent
from portal.tables.cells import BadCell, parse_money
from portal.tables.days import parse_date
from portal.text.writing import PairedLine, clean, folded, side_by_side

P = ParamSpec("P")


class _Translations:
    def gettext(self, message: str) -> str:
        return i18n.gettext(message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return i18n.gettext(singular if n == 1 else plural)


class Clash(NamedTuple):
    """A field that two people filled differently: what is stored now, and what was typed."""

    name: str
    label: str
    stored: str
    typed: str
    mark: str
    """Of what was typed: whoever types on after choosing the stored one has chosen otherwise."""

    values: list[str]
    """What is stored now, as a page would send it."""

    rows: list[PairedLine]
    """Of two texts, what is stored beside what was typed; of anything else, nothing."""


class Form(WTForm):
    """A form that keeps what was typed and shows each error beside its field."""

    is_of_settings: ClassVar[bool] = False
    """Whether it changes what has no version: it is filled from `data`, and merged like a record's."""

    is_act: ClassVar[bool] = False
    """Whether it takes the record on from how it stood, rather than editing it: then it is never merged."""

    class Meta:
        def get_translations(self, form: Any) -> Any:
            return _Translations()

    def __init__(self, formdata: Any = None, obj: Any = None, **kwargs: Any):
        super().__init__(formdata or None, obj=obj, **kwargs)
        self.sent = not isinstance(formdata, Unsent)
        """Whether someone sent it; the page that shows it was only asked for otherwise."""
        self.changes = obj is not None
        """Whether it is about a record that is there: what is new has no version yet, whatever was sent."""
        self.record = obj
        self.result: Any = None
        self.is_again = False
        """Whether the same form was taken before."""
        self.handed_in: Record | None = None
        """What it made when it was taken before."""
        self.clashes: list[Clash] = []
        self._taken_over = set[str]()
        self.is_own_clash = False
        """Whether what it clashes with was saved by the same person."""
        self.unshown = frozenset[str]()
        """Fields that may be filled by whoever may not read them: nothing of what is stored is shown."""
        self.telling: Telling | None = None
        """What in its texts would tell who a customer is, when that stopped it."""
        self.status = 200
        kept_by, given = obj if isinstance(obj, type) else type(obj), kwargs.get("data") or {}
        self._filled = {name for name in self._fields if name in given or hasattr(kept_by, name)}
        is_about = (self.changes or self.is_of_settings) and not self.is_act
        self._begun = _marks_in(formdata) if is_about else {}
        self._opened = self._begun
        self._chosen = (
            {} if formdata is None else {n: str(formdata.get(f"take-{n}", "")) for n in self._filled}
        )
        for field in self:
            field.label.text = i18n.gettext(field.label.text)
            field.description = i18n.gettext(field.description) if field.description else ""
            if isinstance(field, Choice):
                field.translate()
            if isinstance(field, Version):
                field.form = self

    def accept(self, verb: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> bool:
        """Validate what was sent, then do the verb; its result is in `result`. False: show the form.

        The verb's Invalid lands beside its fields; Stale leaves `clashes`, with the record as it is now.
        """
        if not self.sent:
            return False
        self.status = 422
        merged, fine = self.merge(), self.validate()
        if not fine:
            self._add(self._faults(verb))
        if not merged:
            self.status, self.is_own_clash = 409, self._was_saved_by(kwargs.get("by"), self.record)
        if not (merged and fine):
            return False
        try:
            with db.atomic():
                self.result = self._once(verb, args, kwargs)
        except Invalid as invalid:
            self.telling = invalid if isinstance(invalid, Telling) else None
            self._add(invalid.errors)
            return False
        except Stale as stale:
            self._show_both(stale.current, kwargs.get("by"))
            return False
        self.status = 200
        self._go_on()
        return True

    def accepts(self, verb: Callable[..., Any], *args: Any, **more: Any) -> bool:
        """Accept, handing the verb the form's facts, and the version of the record where it changes one."""
        if self.sent:
            self.merge()
        if "version" in self._fields and self.changes:
            more["version"] = self._fields["version"].data
        return self.accept(verb, *args, **more, **(self.facts if self.sent else {}))

    def _add(self, errors: Any) -> None:
        for name, message in errors.items():
            text = i18n.gettext(message)
            if name in self._fields:
                self._fields[name].errors = [*self._fields[name].errors, text]
            else:
                self.form_errors.append(text)

    def _faults(self, verb: Any) -> dict[str, str]:
        """What its record would say of the fields that can be read: all that is wrong is shown at once."""
        owner = getattr(verb, "__self__", None)
        model = owner if isinstance(owner, type) else type(owner)
        if not (isinstance(model, type) and issubclass(model, Editable)):
            return {}
        read = {name: field.data for name, field in self._fields.items() if not field.errors}
        faults = model.faults({name: value for name, value in read.items() if name in model._meta.fields})
        return {name: words for name, words in faults.items() if name in read}

    # -------------------------------------------------------------- sent again

    def _once(self, verb: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Do the verb; of a form that was taken before, what it made then. Raises Invalid when it says
        something else now.
        """
        key, by = self._fields.get("key"), kwargs.get("by")
        if self.changes or not isinstance(key, FormKey) or not key.data:
            return verb(*args, **kwargs)
        facts = digest_of(key.data, verb, args, kwargs)
        receipt, first = Receipt.take(key.data, by, facts)
        if first:
            made = verb(*args, **kwargs)
            receipt.note(made)
            return made
        self.is_again = True
        if not receipt.is_for(by):
            key.data = None
            raise Resent()
        self.handed_in = receipt.made
        if key.is_handed_on:  # its verb knows the key, and says itself what differs
            return verb(*args, **kwargs)
        if receipt.facts == facts and (self.handed_in is not None or not receipt.noun):
            return self.handed_in
        key.data = None
        raise Invalid(AGAIN)

    # -------------------------------------------------------------- changed meanwhile

    @property
    def begun(self) -> str:
        """What each field held when its person began, by marks: none of it can be read in them."""
        if self._begun and self.status != 409:
            return _written(self._begun)
        return _written(self._marks(lambda field: field.object_data))

    @property
    def goes_on_from(self) -> str:
        """The same for a page that goes on, which may not show yet what was taken over."""
        marks = self._marks(lambda field: field.object_data)
        return _written(marks | {name: self._opened[name] for name in self._taken_over})

    @property
    def taken_over(self) -> dict[str, tuple[list[str], str]]:
        """What others changed where its person changed nothing: as a page would send it, and its mark."""
        taken = ((name, self._fields[name].data) for name in sorted(self._taken_over))
        return {name: (_as_sent(self._fields[name], value), _mark(value)) for name, value in taken}

    def _go_on(self) -> None:
        """What was saved just now is what a page that is shown again begins from."""
        for field in self._mergeable:
            field.object_data = field.data
        self._opened, self._begun = self._begun, self._marks(lambda field: field.object_data)

    def _marks(self, value: Callable[[Any], Any]) -> dict[str, str]:
        if self.is_act or not (self.changes or self.is_of_settings):
            return {}
        return {field.name: _mark(value(field)) for field in self._mergeable}

    @property
    def _mergeable(self) -> Iterable[Any]:
        unsaid = (Version, FormKey, NamesChecked, fields.FileField)
        for name, field in self._fields.items():
            if name in self._filled and name not in self.unshown and not isinstance(field, unsaid):
                yield field

    def merge(self) -> bool:
        """Take over what others changed since it was begun, where its person changed nothing. False where
        both changed the same: it is in `clashes`, to be chosen from.
        """
        for field in self._mergeable:
            if self._chosen.get(field.name) and self._chosen.pop(field.name) == _mark(field.data):
                _put(field, field.object_data)
        version = self._fields.get("version")
        if not self._begun:
            return True
        is_current = self.changes and version is not None and version.data == version.object_data
        for field in self._mergeable:
            begun, mine, theirs = self._begun.get(field.name), _mark(field.data), _mark(field.object_data)
            if theirs in (begun, mine) or field.process_errors or (begun is None and is_current):
                continue
            if mine == begun:
                _put(field, field.object_data)
                self._taken_over.add(field.name)
            elif all(clash.name != field.name for clash in self.clashes):
                self.clashes.append(_clash(field, field.object_data))
        if version is not None and version.object_data is not None:
            version.data = version.object_data  # what is saved next is a choice made with both in view
        return not self.clashes

    def _show_both(self, current: Record, by: Any) -> None:
        """All that differs from the record as it is now, of what its person is known to have changed."""
        self.status, self.record, self.is_own_clash = 409, current, self._was_saved_by(by, current)
        if "version" in self._fields:
            self._fields["version"].data = getattr(current, "version", None)
        for field in self._fields.values():
            unsaid = isinstance(field, (Version, FormKey, NamesChecked)) or field.name in self.unshown
            if unsaid or not hasattr(current, field.name):
                continue
            field.object_data = getattr(current, field.name)
            if _mark(field.object_data) not in (_mark(field.data), self._begun.get(field.name)):
                self.clashes.append(_clash(field, field.object_data))

    @staticmethod
    def _was_saved_by(by: Any, record: Any) -> bool:
        last = Event.about(record).first() if isinstance(record, Record) and by is not None else None
        return last is not None and last.actor == getattr(by, "id", by)

    @property
    def facts(self) -> dict[str, Any]:
        """The fields' values by name, without files, the version and the key that stays with the form."""
        return {
            name: field.data
            for name, field in self._fields.items()
            if not isinstance(field, fields.FileField | Version)
            and not (isinstance(field, FormKey) and (self.changes or not field.is_handed_on))
        }


AGAIN = Phrase(
    "You handed this form in already. Open what it made to change that; or save once more, and it becomes "
    "another one."
)


def _marks_in(formdata: Any) -> dict[str, str]:
    text = str(formdata.get("begun", "")) if formdata else ""
    pairs = (each.partition(":") for each in text[:5000].split())
    return {name: mark for name, _, mark in pairs if mark.isalnum() and name.isidentifier()}


def _written(marks: dict[str, str]) -> str:
    return " ".join(f"{name}:{mark}" for name, mark in marks.items())


def _mark(value: Any) -> str:
    return hashlib.blake2s(_told(value).encode("utf-8", "replace"), digest_size=6).hexdigest()


def _told(value: Any) -> str:
    if isinstance(value, Record):
        return str(value.id)
    if isinstance(value, list | tuple):
        return " ".join(sorted(_told(each) for each in value))
    if value is None or value is False:
        return ""
    return clean(value).strip() if isinstance(value, str) else str(value)


def _put(field: Any, value: Any) -> None:
    """Fill a field as if it had been sent so."""
    field.process_data(value)
    field.raw_data = None
    if isinstance(field, Pick):
        field.unknown = False
        field.raw_data = ["" if value is None else str(value.id)]
    elif isinstance(field, PickMany):
        field.raw_data = [str(each.id) for each in value]
    elif hasattr(field, "_value"):
        field.raw_data = [str(field._value())]


def _clash(field: Any, stored: Any) -> Clash:
    words = _in_words(field, stored), _in_words(field, field.data)
    rows = folded(side_by_side(*words)) if isinstance(field, TextLine | TextArea) and all(words) else []
    return Clash(field.name, field.label.text, *words, _mark(field.data), _as_sent(field, stored), rows)


def _as_sent(field: Any, value: Any) -> list[str]:
    """What a page that shows this value in the field would send."""
    if isinstance(field, fields.BooleanField):
        return ["y"] if value else []
    before = dict(vars(field))  # a field cannot be copied
    _put(field, value)
    sent = [str(field.data or "")] if field.raw_data is None else field.raw_data
    vars(field).update(before)
    return sent


def _in_words(field: Any, value: Any) -> str:
    if isinstance(value, Record) or hasattr(value, "label"):
        return i18n.label(value)
    if isinstance(field, Money):
        return i18n.money(value)
    if isinstance(field, Rate):
        return i18n.rate(value)
    if isinstance(field, Flag):
        return i18n.gettext(Phrase("Yes") if value else Phrase("No"))
    if isinstance(field, Choice):
        choices: Any = field.choices or ()
        words = (str(choice.label) for choice in choices if choice.value == value)
        return next(words, str(value or ""))
    if isinstance(value, list | tuple):
        return i18n.join(_in_words(field, one) for one in value)
    return "" if value is None else str(value)


def _cleaned(value: Any) -> Any:
    return clean(value).strip() if isinstance(value, str) else value


class TextLine(fields.StringField):
    """One line of text."""

    def __init__(self, label: str, *, required: bool = False, longest: int = 255, **kwargs: Any):
        super().__init__(
            label, _rules(required, validators.Length(max=longest)), filters=[_cleaned], **kwargs
        )

    def process_data(self, value: Any) -> None:
        super().process_data("" if value is None else value)


class TextArea(fields.TextAreaField):
    """Text of several lines; Markdown where the page says so."""

    def __init__(
        self, label: str, *, required: bool = False, longest: int = 50_000, rows: int = 4, **kwargs: Any
    ):
        keywords = {"rows": rows, **kwargs.pop("render_kw", {})}
        rules = _rules(required, validators.Length(max=longest))
        super().__init__(label, rules, filters=[_cleaned], render_kw=keywords, **kwargs)

    def process_data(self, value: Any) -> None:
        super().process_data("" if value is None else value)


class Needed(validators.InputRequired):
    """Something was given that is more than spaces and what is cleaned away."""

    def __init__(self) -> None:
        super().__init__(Phrase("This is needed."))

    def __call__(self, form: Any, field: Any) -> None:
        given = field.raw_data[0] if field.raw_data else ""
        if isinstance(given, str) and not clean(given).strip():
            field.errors = []
            raise validators.StopValidation(field.gettext(self.message))
        super().__call__(form, field)


def need(field: Any) -> None:
    """From now on it must be given, also where its form leaves it open."""
    field.validators = [Needed(), *field.validators[1:]]
    field.flags.required = True


def _rules(required: bool, *others: Any) -> list[Any]:
    return [Needed() if required else validators.Optional(), *others]


class Choice(fields.SelectField):
    """One of a few: `choices` is [(value, label)]; '' is no choice."""

    def __init__(self, label: str, *, choices: Any = (), required: bool = False, **kwargs: Any):
        self.given: list[tuple[str, str]] = list(choices)
        super().__init__(label, _rules(required), choices=[], **kwargs)

    def translate(self) -> None:
        """Name the choices in the language in use."""
        self.choices = [SelectChoice(value, i18n.gettext(text)) for value, text in self.given]

    def pre_validate(self, form: Any) -> None:
        if self.data is None and not self.flags.required:
            return
        try:
            super().pre_validate(form)
        except ValueError as unknown:  # an optional choice may be left out, not sent as something else
            raise validators.StopValidation(str(unknown)) from unknown


def _called(record: Any) -> str:
    """What a record is called where it is chosen; of who is away, until when."""
    if isinstance(record, Person) and (away := Absence.on().get(record.id)):
        last = away.last_day.isoformat()
        return i18n.gettext("%(name)s (away until %(day)s)", name=i18n.label(record), day=last)
    return i18n.label(record)


class Pick(fields.SelectField):
    """One record out of a query, by id; its data is the record or None.

    `lasting`: it is no matter of who is here today.
    """

    def __init__(
        self, label: str, *, required: bool = False, blank: str = "—", lasting: bool = False, **kwargs: Any
    ):
        super().__init__(label, _rules(required), choices=[], coerce=str, validate_choice=False, **kwargs)
        self.blank, self.called = blank, i18n.label if lasting else _called
        self.records: dict[str, Any] = {}

    def offer(self, records: Any) -> None:
        """Say which records may be picked."""
        self.records = {str(record.id): record for record in records}
        self.choices = self.offered = [
            ("", self.blank),
            *((ident, self.called(r)) for ident, r in self.records.items()),
        ]
        given = self.raw_data[0] if self.raw_data else None
        if given is not None:
            self.data = self.records.get(given)
            self.unknown = bool(given) and self.data is None

    unknown = False
    offered: list[tuple[str, str]] = []

    def process_data(self, value: Any) -> None:
        self.data = value

    def process_formdata(self, valuelist: Any) -> None:
        self.data = None

    def iter_choices(self) -> Any:
        chosen = str(self.data.id) if self.data is not None else ""
        for value, text in self.offered:
            yield Option(value, text, value == chosen, {})

    def pre_validate(self, form: Any) -> None:
        if self.unknown:
            raise validators.ValidationError(Phrase("This is no longer there. Choose another."))


class PickMany(fields.SelectMultipleField):
    """Several records out of a query; its data is a list of records. `lasting` as of Pick."""

    def __init__(self, label: str, *, required: bool = False, lasting: bool = False, **kwargs: Any):
        super().__init__(
            label,
            _rules(required),
            choices=[],
            coerce=str,
            validate_choice=False,
            option_widget=widgets.CheckboxInput(),
            widget=widgets.ListWidget(prefix_label=False),
            **kwargs,
        )
        self.called = i18n.label if lasting else _called
        self.records: dict[str, Any] = {}
        self.offered: list[tuple[str, str]] = []

    def offer(self, records: Any) -> None:
        self.records = {str(record.id): record for record in records}
        self.choices = self.offered = [(ident, self.called(r)) for ident, r in self.records.items()]
        if self.raw_data is not None:
            self.data = [self.records[i] for i in self.raw_data if i in self.records]

    def process_data(self, value: Any) -> None:
        self.data = list(value or ())

    def process_formdata(self, valuelist: Any) -> None:
        self.data = []

    def iter_choices(self) -> Any:
        chosen = {str(record.id) for record in self.data or ()}
        for value, text in self.offered:
            yield Option(value, text, value in chosen, {})


PROPOSED = 50
"""So many records are proposed of those that may be named: a company has ten thousand people."""


class PickByName(fields.StringField):
    """One record typed by name, with the likely ones proposed: `name`, or `name #id` where names repeat.

    Its data is the record or None. `among` is the query it must be in, `proposed` what the browser offers;
    `lasting` as of Pick.
    """

    data: Any

    def __init__(self, label: str, *, required: bool = False, lasting: bool = False, **kwargs: Any):
        super().__init__(label, [Needed() if required else validators.Optional()], **kwargs)
        self.called = i18n.label if lasting else _called
        self.proposals: list[str] = []
        self.among: ModelSelect[Any] | None = None

    def offer(self, among: ModelSelect[Any], proposed: Iterable[Any] | None = None) -> None:
        """Say which records may be named, and propose some: the first of them where it is not said."""
        self.among = among
        likely = among.limit(PROPOSED) if proposed is None else proposed
        self.proposals = [f"{self.called(record)} #{record.id}" for record in likely]
        given = self.raw_data[0].strip() if self.raw_data else None
        if given is not None:
            self.data = self._find(given) if given else None
            self.unknown = bool(given) and self.data is None
        self.render_kw = {**(self.render_kw or {}), "list": f"{self.id}-proposals", "autocomplete": "off"}

    unknown = False

    def _gone(self) -> Person | None:
        """Of people, who was named here and works here no longer."""
        assert self.among is not None
        numbered = re.search(r"#(\d{1,18})$", str(self.raw_data[0]).strip()) if self.raw_data else None
        if numbered is None or self.among.model is not Person:
            return None
        gone = (Person.id == int(numbered[1])) & Person.deactivated_at.is_null(False)
        return Person.get_or_none(gone)

    def _words(self, record: Any) -> str:
        return f"{i18n.label(record)} #{record.id}"

    def _find(self, given: str) -> Any:
        assert self.among is not None
        model = self.among.model
        if numbered := re.search(r"#(\d{1,18})$", given):
            return self.among.where(model.id == int(numbered[1])).first()
        english = getattr(model, "name_en", None)
        same = (model.name == given) | (english == given) if english is not None else model.name == given
        found = list(self.among.where(same).limit(2))
        return found[0] if len(found) == 1 else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self._words(self.data) if self.data else ""

    def process_data(self, value: Any) -> None:
        self.data = value

    def process_formdata(self, valuelist: Any) -> None:
        self.data = None

    def pre_validate(self, form: Any) -> None:
        if self.unknown and (gone := self._gone()) is not None:
            raise validators.ValidationError(
                Phrase("%(who)s has left: name somebody else.", who=i18n.names(gone))
            )
        if self.unknown:
            raise validators.ValidationError(
                Phrase("Nobody has just this name, or several do. Choose one of those proposed.")
            )


class _Parsed(fields.StringField):
    """Text that is read as something else."""

    data: Any


class Day(_Parsed):
    """A day; its data is a date or None. Chinese and slashed dates are read too. `past`: none to come."""

    widget = widgets.DateInput()

    def __init__(self, label: str, *, required: bool = False, past: bool = False, **kwargs: Any):
        super().__init__(label, _rules(required), **kwargs)
        self.past = past

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if isinstance(self.data, date) else ""

    def process_formdata(self, valuelist: Any) -> None:
        text = (valuelist[0] if valuelist else "").strip()
        try:
            self.data = parse_date(text, "ymd") if text else None
        except BadCell as bad:
            self.data = None
            words = Phrase("%(problem)s Write a day such as 2026-05-12.", problem=bad.message)
            raise ValueError(i18n.gettext(words)) from bad

    def pre_validate(self, form: Any) -> None:
        if self.past and self.data is not None and self.data > clock.today():
            raise validators.ValidationError(Phrase("This day is still to come. Choose today or one before."))


class Money(_Parsed):
    """An amount typed in major units; its data is integer minor units or None."""

    widget = widgets.TextInput()

    def __init__(self, label: str, *, required: bool = False, least: int | None = 0, **kwargs: Any):
        keywords = {"inputmode": "decimal", **kwargs.pop("render_kw", {})}
        super().__init__(label, _rules(required), render_kw=keywords, **kwargs)
        self.least = least

    @property
    def mark(self) -> str:
        """What stands before the amount: the currency."""
        return i18n.currency().mark.strip()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return str(i18n.major(self.data)) if isinstance(self.data, int) else ""

    def process_formdata(self, valuelist: Any) -> None:
        text = (valuelist[0] if valuelist else "").strip()
        try:
            self.data = parse_money(text) if text else None
        except BadCell as bad:
            self.data = None
            words = Phrase("%(problem)s Write an amount such as 20500 or 20,500.00.", problem=bad.message)
            raise ValueError(i18n.gettext(words)) from bad

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.least is not None and self.data < self.least:
            least = i18n.money(self.least)
            raise validators.ValidationError(
                Phrase("This amount is too small: at least %(least)s.", least=least)
            )
        if self.data is not None and abs(self.data) > 10**15:
            raise validators.ValidationError(Phrase("This amount is too large."))


_FORM = "form-"


class FormKey(fields.HiddenField):
    """What a form is known by, so that sent twice it is one record: as its verb knows it, never free text.

    The keys that the portal gives out itself (of an import, of a dispute) never begin so. It is handed on to
    a verb whose record keeps it; of all others the receipt does.
    """

    def __init__(self, *, is_handed_on: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.is_handed_on = is_handed_on

    def _value(self) -> str:
        return (self.data or "").removeprefix(_FORM) or secrets.token_urlsafe(12)

    def process_formdata(self, valuelist: Any) -> None:
        typed = "".join(valuelist[:1])[:40]
        self.data = f"{_FORM}{typed}" if typed else None


class Whole(fields.IntegerField):
    """A whole number within bounds."""

    def __init__(
        self, label: str, *, required: bool = False, least: int = 0, most: int = 10**9, **kwargs: Any
    ):
        super().__init__(label, _rules(required, validators.NumberRange(least, most)), **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist and not valuelist[0].strip():
            self.data = None  # nothing is no mistake, and is merged like anything else
        else:
            super().process_formdata(valuelist)


class Rate(_Parsed):
    """A rate typed in percent; its data is integer millionths or None: 0.05 is 500."""

    widget = widgets.TextInput()

    def __init__(self, label: str, *, required: bool = False, **kwargs: Any):
        super().__init__(label, _rules(required), render_kw={"inputmode": "decimal"}, **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{Decimal(self.data) / 10_000:f}" if isinstance(self.data, int) else ""

    def process_formdata(self, valuelist: Any) -> None:
        text = (valuelist[0] if valuelist else "").strip().rstrip("%％")
        try:
            units = Decimal(text) * 10_000 if text else None
        except ArithmeticError as bad:
            raise ValueError(i18n.gettext("Write a percentage such as 2 or 0.05.")) from bad
        if units is not None and (units != units.to_integral_value() or not 0 <= units <= 1_000_000):
            raise ValueError(i18n.gettext("Write a percentage such as 2 or 0.05."))
        self.data = int(units) if units is not None else None


class Flag(fields.BooleanField):
    """Yes or no."""


class NamesChecked(Flag):
    """Its author says that the names found in a text are ordinary words (RULES 4.10)."""

    def __init__(self, **kwargs: Any):
        super().__init__(Phrase("The name is an ordinary word here and tells nobody who it is"), **kwargs)


class _VersionInput(widgets.HiddenInput):
    """The version, and beside it what the fields held then."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        shown: Markup = super().__call__(field, **kwargs)
        begun = field.form.begun
        more = Markup('<input type="hidden" name="begun" value="{}">').format(begun) if begun else ""
        return shown + more


class Version(fields.HiddenField):
    """The version of the record that the form was filled from, and what its fields held then."""

    widget = _VersionInput()
    data: Any
    form: Any = None

    def process_formdata(self, valuelist: Any) -> None:
        text = str(valuelist[0]) if valuelist else ""
        self.data = number_of(text) if text else None  # what is no version is an old one


class Upload(fields.FileField):
    """A file."""
