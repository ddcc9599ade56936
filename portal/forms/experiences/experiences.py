"""The forms in which an experience is written, appealed and revoked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from portal import i18n
from portal.forms.base import (
    Choice,
    Flag,
    Form,
    NamesChecked,
    Pick,
    PickMany,
    TextArea,
    TextLine,
    Version,
    Whole,
)
from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.experiences import process
from portal.models.experiences.experiences import NEEDED, REWRITE, WHOLE, Experience
from portal.models.experiences.parts import PARTS
from portal.models.people.people import Person
from portal.models.products.products import Product


class Words(NamedTuple):
    """What a part is called for its writer, and what belongs there."""

    label: Phrase
    help: Phrase


LESSON = Words(
    Phrase("What should a colleague take from it?"),
    Phrase("The rule behind the case, so that it works with the next customer."),
)
WORDS: dict[str, dict[str, Words]] = {
    "debrief": {
        "situation": Words(
            Phrase("What was the situation?"),
            Phrase("Who wanted what, and what made it hard. Say what kind of customer, never who."),
        ),
        "doubt": Words(
            Phrase("What was the customer's doubt?"), Phrase("In the customer's own words, if you can.")
        ),
        "action": Words(
            Phrase("What did you say or do?"), Phrase("So exactly that a colleague could do it tomorrow.")
        ),
        "outcome": Words(Phrase("What came of it?"), Phrase("What changed, with dates or figures.")),
        "lesson": LESSON,
    },
    "question": {
        "doubt": Words(Phrase("The customer's question"), Phrase("In the customer's own words, if you can.")),
        "action": Words(
            Phrase("The best answer"),
            Phrase("As you would say it, and what it rests on: law, figures, date."),
        ),
        "situation": Words(Phrase("When is it asked?"), Phrase("By whom, when, and what lies behind it.")),
        "outcome": Words(Phrase("How does it work?"), Phrase("What customers did after hearing it.")),
        "lesson": LESSON,
    },
    "suggestion": {
        "situation": Words(Phrase("How is it today?"), Phrase("What goes wrong, how often, what it costs.")),
        "action": Words(Phrase("What do you propose?"), Phrase("Who should do what, from when.")),
        "outcome": Words(Phrase("What would it bring?"), Phrase("Best with a small trial and its figures.")),
        "lesson": Words(Phrase("What else should one know?"), Phrase("Limits, risks, whom to ask.")),
    },
    REWRITE: {"action": Words(Phrase("The text"), Phrase("As it stands in the article."))},
}
KINDS = {
    "debrief": Phrase("Debrief of a deal"),
    "question": Phrase("Question with its best answer"),
    "suggestion": Phrase("Suggestion"),
    REWRITE: Phrase("Changed article"),
}
REASONS = (
    ("plagiarism", Phrase("Plagiarism: it is someone else's")),
    ("false", Phrase("False: it did not happen that way")),
    ("privacy breach", Phrase("It tells who a customer is")),
    ("conflict of interest", Phrase("A conflict of interest was hidden")),
    ("superseded", Phrase("Superseded by something better")),
    ("product ended", Phrase("The product is no longer sold")),
)


CO_AUTHORS = 9
"""So many can be named beside the author."""


class ExperienceForm(Form):
    """An experience's text, where it belongs, and who wrote it with the author."""

    title = TextLine(Phrase("Title"), longest=200)
    situation = TextArea(Phrase("What was the situation?"))
    doubt = TextArea(Phrase("What was the customer's doubt?"))
    action = TextArea(Phrase("What did you say or do?"))
    outcome = TextArea(Phrase("What came of it?"))
    lesson = TextArea(Phrase("What should a colleague take from it?"))
    topics = PickMany(Phrase("Topics"))
    product = Pick(Phrase("Product"))
    customer_type = Pick(Phrase("Customer type"))
    duplicate_checked = Flag(Phrase("Mine says something else: submit it all the same"))
    improvement = Flag(Phrase("It goes into that one, and earns part of the credit"))
    names_checked = NamesChecked()
    version = Version()

    PAIRS = tuple((f"co_author_{number}", f"co_share_{number}") for number in range(1, CO_AUTHORS + 1))

    def __init__(self, formdata: Any, *, obj: Experience):
        named = zip(self.PAIRS, [*obj.co_authors, *([["", None]] * CO_AUTHORS)], strict=False)
        super().__init__(
            formdata, obj=obj, data={name: value for pair in named for name, value in zip(*pair, strict=True)}
        )

    def offering(self, experience: Experience) -> Self:
        """With the words of its kind, and the topics, products and customer types that may be chosen."""
        self.kind = experience.kind_of
        self.topics.offer(Topic.visible_to(experience.author_id))
        self.product.offer(Product.select().where(Product.archived_at.is_null()).order_by(Product.name))
        self.customer_type.offer(CustomerType.select().order_by(CustomerType.position, CustomerType.id))
        for name, words in WORDS[self.kind].items():
            self[name].label.text = i18n.gettext(words.label)
            self[name].description = i18n.gettext(words.help)
        return self

    @property
    def differs(self) -> bool:
        """Whether it says anything that its record does not: twice the same is one."""
        return self._marks(lambda field: field.data) != self._marks(lambda field: field.object_data)

    @property
    def parts(self) -> list[Any]:
        """The fields of its parts, in writing order."""
        return [self[name] for name in PARTS[self.kind]]

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """The fields of each co-author and their share."""
        return [(self[who], self[share]) for who, share in self.PAIRS]

    @staticmethod
    def names(rows: Sequence[tuple[Any, Any]]) -> bool:
        """Whether some of these rows name anybody, or say what is wrong."""
        return any(who.data or who.errors or share.data or share.errors for who, share in rows)

    @property
    def needed(self) -> tuple[str, ...]:
        return ("title", *NEEDED[self.kind], "topics")

    @property
    def draft(self) -> dict[str, Any]:
        """What `save_draft` keeps."""
        kept = {f.name: f.data or "" for f in (self.title, *self.parts)}
        named = [[self[who].data, self[share].data] for who, share in self.PAIRS if self[who].data]
        links = {n: self[n].data for n in ("topics", "product", "customer_type")}
        return kept | links | {"co_authors": named}

    def save(self, experience: Experience, *, by: Person) -> None:
        """Keep the draft, and go on from the version that it has now."""
        experience.save_draft(by=by, version=self.version.data, **self.draft)
        self.version.data = experience.version

    def hand_in(self, experience: Experience, *, by: Person, said_before: Sequence[int]) -> None:
        """Submit what was just kept; `said_before` as of `process.submit`. Raises Invalid."""
        process.submit(
            experience,
            by=by,
            co_authors=self._shares(),
            duplicate_checked=bool(self.duplicate_checked.data),
            names_checked=bool(self.names_checked.data),
            said_before=said_before,
            improvement=bool(self.improvement.data),
        )

    def _shares(self) -> dict[Person, int]:
        """What each shares in millionths; alike where no share is said, the indivisible rest the author's."""
        shares: dict[Person, int] = {}
        rows = [(who, share) for who, share in self.PAIRS if (self[who].data or "").strip()]
        alike = WHOLE // (len(rows) + 1) if all(self[share].data is None for _, share in rows) else 0
        for who, share in rows:
            name = self[who].data.strip()
            found = list(
                Person.select().where(
                    Person.deactivated_at.is_null()
                    & ((Person.email == name.lower()) | (Person.name == name) | (Person.name_en == name))
                )
            )
            if len(found) != 1:
                raise Invalid({who: Phrase("Nobody or several have this name. Write the e-mail address.")})
            if not self[share].data and not alike:
                raise Invalid({share: Phrase("Say how much of it is theirs.")})
            if found[0] in shares:
                raise Invalid({who: Phrase("This person is named twice.")})
            shares[found[0]] = alike or self[share].data * 10_000
        return shares


for _n, (_who, _share) in enumerate(ExperienceForm.PAIRS, start=1):
    setattr(ExperienceForm, _who, TextLine(Phrase("Co-author %(number)s", number=_n), longest=254))
    setattr(ExperienceForm, _share, Whole(Phrase("Share of co-author %(number)s in %%", number=_n), most=99))


class AppealForm(Form):
    """Why an author asks for other reviewers."""

    reason = TextArea(Phrase("What did the reviewers overlook?"), required=True, longest=5000)


class CoAuthorForm(Form):
    """Whether a colleague shares in an experience."""

    agrees = Choice(
        Phrase("Did you write it together?"),
        choices=(("yes", Phrase("Yes, I share in it")), ("no", Phrase("No"))),
        required=True,
    )

    def answer(self, experience: Experience, *, by: Person) -> None:
        """Agree or decline. Raises Invalid."""
        verb = process.agree_to_share if self.agrees.data == "yes" else process.decline_to_share
        verb(experience, by=by)


class RevocationForm(Form):
    """Why an acceptance is taken back."""

    reason = Choice(Phrase("Reason"), choices=(("", Phrase("Choose")), *REASONS), required=True)
    note = TextArea(Phrase("What was found"), longest=5000)


def colleagues(person: Person) -> list[Person]:
    """Whom a writer may mean as co-author: the department first comes to mind."""
    return list(
        Person.select()
        .where(
            (Person.department == person.department_id)
            & Person.deactivated_at.is_null()
            & (Person.id != person.id)
        )
        .order_by(Person.sort_name)
        .limit(50)
    )
