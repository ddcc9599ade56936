"""The form of an article."""

from __future__ import annotations

from typing import Any, Self

from portal.forms.base import (
    Choice,
    Day,
    Form,
    FormKey,
    NamesChecked,
    Pick,
    PickMany,
    TextArea,
    TextLine,
    Version,
)
from portal.i18n import Phrase
from portal.models.company.customer_types import CustomerType
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import LONGEST_BODY, Article
from portal.models.knowledge.audience import groups
from portal.models.knowledge.filing import unready
from portal.models.knowledge.freshness import FRESH
from portal.models.knowledge.templates import kinds_to_choose
from portal.models.knowledge.words import BORN, FRESHNESS
from portal.models.products.products import Product
from portal.text.writing import summary_of


class ArticleForm(Form):
    """An article's text, and where it belongs."""

    title = TextLine(Phrase("Title"), required=True, longest=200)
    body = TextArea(Phrase("Text"), longest=LONGEST_BODY, rows=18)
    summary = TextArea(Phrase("In one sentence"), longest=500, rows=2)
    topics = PickMany(Phrase("Topics"))
    kind_of = Choice(Phrase("Kind"), default="guide")
    audience = PickMany(Phrase("For whom"))
    product = Pick(Phrase("Product"))
    customer_type = Pick(Phrase("Customer type"))
    freshness = Choice(
        Phrase("How long it stays true"), choices=tuple(FRESHNESS.items()), default="evergreen"
    )
    review_by = Day(Phrase("True until"))
    publish_on = Day(Phrase("Publish on"))
    ends_on = Day(Phrase("Ends on"))
    names_checked = NamesChecked()
    key = FormKey(is_handed_on=True)
    version = Version()

    is_read = False
    """Whether it is read by everyone once it is sent: then nothing that it needs may be missing."""

    def __init__(self, formdata: Any = None, obj: Any = None, **kwargs: Any) -> None:
        super().__init__(formdata, obj=obj, **kwargs)
        if isinstance(obj, Article) and obj.summary == summary_of(obj.body):
            self.summary.object_data = ""  # nobody wrote it: it follows the text
            self.summary.data = self.summary.data if formdata and "summary" in formdata else ""
        self.held = getattr(obj, "kind_of", "") or ""
        if self.held in BORN:
            del self.kind_of
        self.freshness.given = [(name, _checked_every(name, words)) for name, words in FRESHNESS.items()]
        self.freshness.translate()

    def offering(self, person: Any, *, is_read: bool = False) -> Self:
        """With the topics, kinds, groups of readers, products and customer types that may be chosen."""
        self.is_read = is_read
        if "kind_of" in self._fields:
            blank = {"": Phrase("Not chosen yet")} if not self.held else {}
            self.kind_of.given = [*(blank | kinds_to_choose(self.held)).items()]
            self.kind_of.translate()
        self.audience.offer(groups(self.audience.object_data or ()))
        self.topics.offer(Topic.visible_to(person))
        self.product.offer(Product.select().where(Product.archived_at.is_null()).order_by(Product.name))
        self.customer_type.offer(CustomerType.select().order_by(CustomerType.position, CustomerType.id))
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        """All that is missing is said with all that is wrong."""
        fine = super().validate(extra_validators)
        if not self.is_read:
            return fine
        has_topics, freshness = bool(self.topics.data), self.freshness.data
        kind = str(self._fields["kind_of"].data or "") if "kind_of" in self._fields else self.held
        missing = unready(self.body.data or "", has_topics, freshness, self.review_by.data, kind)
        found = {name: words for name, words in missing.items() if not self._fields[name].errors}
        self._add(found)
        return fine and not found


class AddTopicForm(Form):
    """The topic that several articles are filed under, beside those that each has."""

    what_happens = Phrase("It is added to the topics that each has.")
    topic = Pick(Phrase("Topic"), required=True)

    def offering(self, person: Any) -> Self:
        """With the topics that may be chosen."""
        self.topic.offer(Topic.visible_to(person))
        return self


def _checked_every(freshness: str, words: Phrase) -> Phrase:
    """A class of knowledge, with the days after which its articles are checked."""
    if freshness not in FRESH:
        return words
    days = Setting.read(f"fresh.{freshness}")
    return Phrase("%(what)s: checked every %(days)s days", what=words, days=days)
