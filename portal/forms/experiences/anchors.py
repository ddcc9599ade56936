"""The forms in which an anchor text is written and put before a reviewer."""

from __future__ import annotations

from typing import Any, Self

from portal import i18n
from portal.forms.base import Choice, Form, FormKey, Pick, PickMany, TextArea, TextLine
from portal.forms.experiences.experiences import KINDS, LESSON, WORDS
from portal.forms.experiences.reviews import Score
from portal.i18n import Phrase
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.experiences import experiences, rubric
from portal.models.experiences.anchors import Anchor
from portal.models.experiences.parts import PARTS
from portal.models.people.people import Person
from portal.models.products.products import Product


class AnchorForm(Form):
    """A text as an experience is written, with its right scores and why."""

    kind = Choice(Phrase("Kind"), choices=[(kind, KINDS[kind]) for kind in experiences.KINDS], required=True)
    title = TextLine(Phrase("Title"), longest=200)
    situation = TextArea(Phrase("What was the situation?"))
    doubt = TextArea(Phrase("What was the customer's doubt?"))
    action = TextArea(Phrase("What did you say or do?"))
    outcome = TextArea(Phrase("What came of it?"))
    lesson = TextArea(LESSON.label)
    topics = PickMany(Phrase("Topics"))
    product = Pick(Phrase("Product"))
    customer_type = Pick(Phrase("Customer type"))
    correct = Score(rubric.CRITERIA[0].label)
    reusable = Score(rubric.CRITERIA[1].label)
    new = Score(rubric.CRITERIA[2].label)
    clear = Score(rubric.CRITERIA[3].label)
    linked = Score(rubric.CRITERIA[4].label)
    why = TextArea(Phrase("Why these scores are right"), longest=5000)
    key = FormKey()

    def offering(self, person: Person, kind: str = "") -> Self:
        """With the words of its kind, which is `kind` until one was sent, and the topics, products and
        customer types that there are.
        """
        first = experiences.KINDS[0]
        if not self.sent:
            self.kind.data = kind if kind in experiences.KINDS else first
        self.chosen = self.kind.data if self.kind.data in experiences.KINDS else first
        for name, words in WORDS[self.chosen].items():
            self[name].label.text = i18n.gettext(words.label)
            self[name].description = i18n.gettext(words.help)
        self.topics.offer(Topic.visible_to(person))
        self.product.offer(Product.select().where(Product.archived_at.is_null()).order_by(Product.name))
        self.customer_type.offer(CustomerType.select().order_by(CustomerType.position, CustomerType.id))
        return self

    @property
    def parts(self) -> list[Any]:
        """The fields of its text, in writing order."""
        return [self[name] for name in PARTS[self.chosen]]


class AnchorAskForm(Form):
    """Who is to judge it."""

    reviewer = Pick(Phrase("Reviewer"), required=True)

    def offering(self, anchor: Anchor) -> Self:
        """With those who may."""
        self.reviewer.offer(anchor.askable().order_by(Person.sort_name, Person.id))
        return self
