"""The forms in which an anchor text is written and put before a reviewer."""

from __future__ import annotations

from typing import Any, Self

from portal.forms.base import Choice, Form, FormKey, Pick, PickMany, TextArea, TextLine
from portal.forms.experiences.experiences import KINDS, LESSON
from portal.forms.experiences.reviews import Score
from portal.i18n import Phrase
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.experiences import experiences, rubric
from portal.models.experiences.anchors import Anchor
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

    def offering(self, person: Person) -> Self:
        """With the topics, products and customer types that there are."""
        self.topics.offer(Topic.visible_to(person))
        self.product.offer(Product.select().where(Product.archived_at.is_null()).order_by(Product.name))
        self.customer_type.offer(CustomerType.select().order_by(CustomerType.position, CustomerType.id))
        return self

    @property
    def parts(self) -> list[Any]:
        """The fields of its text, in writing order."""
        return [self[name] for name in experiences.PARTS]


class AnchorAskForm(Form):
    """Who is to judge it."""

    reviewer = Pick(Phrase("Reviewer"), required=True)

    def offering(self, anchor: Anchor) -> Self:
        """With those who may."""
        self.reviewer.offer(anchor.askable().order_by(Person.sort_name, Person.id))
        return self
