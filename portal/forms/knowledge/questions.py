"""Forms of questions and answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from portal import i18n
from portal.forms.base import Flag, Form, FormKey, NamesChecked, Pick, PickMany, TextArea, TextLine, Version
from portal.i18n import Phrase
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.knowledge.questions import LONGEST_ANSWER, LONGEST_DETAIL, Answer
from portal.models.products.products import Product


class QuestionForm(Form):
    """What customers ask."""

    text = TextLine(Phrase("Question"), required=True, longest=300)
    detail = TextArea(Phrase("What lies behind it"), longest=LONGEST_DETAIL, rows=5)
    topic = Pick(Phrase("Topic"))
    further_topics = PickMany(Phrase("Further topics"))
    product = Pick(Phrase("Product"))
    names_checked = NamesChecked()
    key = FormKey(is_handed_on=True)
    version = Version()

    def offering(self, person: Any) -> Self:
        """With the topics and products that may be chosen."""
        topics = list(Topic.visible_to(person))
        self.topic.offer(topics)
        self.further_topics.offer(topics)
        self.product.offer(Product.select().where(Product.archived_at.is_null()).order_by(Product.name))
        return self


class AskForm(QuestionForm):
    """A question on its way to colleagues."""

    is_urgent = Flag(Phrase("Urgent: the customer is on the phone"))
    is_anonymous = Flag(Phrase("Do not say who asks"))

    @property
    def facts(self) -> dict[str, Any]:
        """What the question itself keeps: whether it is urgent belongs to asking experts."""
        return {name: value for name, value in super().facts.items() if name != "is_urgent"}


class HandOnForm(Form):
    """The colleague who is asked instead."""

    to = Pick(Phrase("Colleague"), required=True)

    def offering(self, people: Any) -> Self:
        """With those whom it may be handed on to."""
        self.to.offer(people)
        return self


class SetTopicForm(Form):
    """The topic that several questions are filed under, instead of the one that each has."""

    what_happens = Phrase("It takes the place of the topic that each has, and its reviewers are asked.")
    topic = Pick(Phrase("Topic"), required=True)

    def offering(self, person: Any) -> Self:
        """With the topics that may be chosen."""
        self.topic.offer(Topic.visible_to(person))
        return self


class AnswerForm(Form):
    """One possible answer."""

    text = TextArea(Phrase("Answer"), required=True, longest=LONGEST_ANSWER, rows=8)
    names_checked = NamesChecked()
    key = FormKey(is_handed_on=True)
    version = Version()


class BestForm(Form):
    """Which answer is best, and for which customers: nobody chosen means everyone."""

    answer = Pick(Phrase("Answer"), required=True)
    customer_type = Pick(Phrase("Customer type"))

    def offering(self, answers: Iterable[Answer]) -> Self:
        """With a question's answers and all customer types."""
        self.customer_type.blank = i18n.gettext("everyone")
        self.answer.offer(answers)
        self.customer_type.offer(CustomerType.select().order_by(CustomerType.position, CustomerType.id))
        return self
