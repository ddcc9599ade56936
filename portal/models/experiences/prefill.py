"""What the portal knows of a closed deal, as the beginning of its debrief.

What its timeline holds is quoted, in its order and with whether a colleague wrote it down: the doubts that
a customer voiced, what was said just before the deal last went on, and the knowledge that the notes name.
No personal data, no amount, no date, no number of days: by these its reviewers would find the deal, and with
it the author (RULES 4.2); nor the name of a colleague who had part in it, by which they would find both. By a
quote they would find it too: nothing is handed in word for word (`quotes_in`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from peewee import ModelSelect

from portal import clock, i18n
from portal.models.base.record import Event
from portal.models.customers.contacts import names_at
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import KINDS, Interaction
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, Question
from portal.models.people.people import Person
from portal.models.sales.answer_uses import AnswerUse
from portal.models.sales.article_uses import ArticleUse
from portal.models.sales.deals import OPEN_STAGES, Deal, DealShare
from portal.models.sales.words import Stage
from portal.text import naming
from portal.text.dates import dates
from portal.text.personal_data import find

MOST_INTERACTIONS = 12
MOST_OF_ONE = 4_000
"""So many characters of one text are read: a debrief quotes, and a deal is closed while its owner waits."""
MARGIN = naming.LONGEST
"""So many more are looked at, that nothing which begins before is cut in half and left."""
TELLING, TELLING_HAN = 30, 12
"""So many letters, or characters where some are Chinese, are no accident in two texts."""
SHOWN = 40
MONEY = re.compile(
    r"[¥￥$€£] ?[0-9]+(?:[,.][0-9]+)*(?: ?(?:万|亿|千|百|million\b|thousand\b|[mk]\b))?"
    r"|[0-9]+(?:[,.][0-9]+)* ?(?:[万亿千百][元块]?|元|块钱|(?:million|thousand|yuan|rmb|dollars?|euros?|k)\b)"
    r"|(?<![0-9,.])[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9])"
    r"|[一二两三四五六七八九十百千]{1,6}[万亿](?:元|块)?",
    re.IGNORECASE,
)
"""What looks like money: prices offered are known to nobody but those who were there."""
HIDDEN = "〔…〕"
SENTENCE = re.compile(r".+?(?:(?:[。！？!?；;]|…(?!〕))+\s*|\.\s+|\n+|$)", re.DOTALL)
VOICED = re.compile(
    r"担心|顾虑|害怕|怕|犹豫|嫌|疑问|疑虑|怀疑|不放心|太贵|会不会|能不能|是不是|为什么|[吗？?]"
    r"|\b(?:worr|afraid|fear|doubt|concern|hesita|unsure|too expensive|too dear)"
    r"|\basks? (?:whether|if|why|how)",
    re.IGNORECASE,
)
"""What a sentence of a note holds that tells of a doubt or a question."""
_LATIN = r"(?![a-z])(?:[^\W\d_\u3400-\u9fff]|['’-])+"
TITLED = re.compile(
    rf"(?<![A-Za-z])(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Herr|Frau|Madam|Sir)\b\.? ?{_LATIN}(?: {_LATIN})?"
    "|(?:欧阳|司徒|诸葛|上官|[王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高梁郑谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋"
    "杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱"
    "严武莫孔向常汤])[\u3400-\u9fff]{0,2}?(?:先生|女士|小姐|太太|阿姨|叔叔|大哥|大姐)"
)
"""Somebody of whom the portal knows nothing, as texts call them: who sent the customer, who else came."""
NAMED = re.compile(r"/(articles|questions)/(\d{1,18})\b")


def amounts_of(deal: Deal) -> list[str]:
    """The ways in which the deal's amount is written."""
    if not deal.amount:
        return []
    amount = i18n.major(deal.amount)
    whole, parts = int(amount), [f"{amount:,.2f}", f"{amount:.2f}"]
    if amount == whole:
        parts += [f"{whole:,}", str(whole)]
    if whole >= 10_000 and whole % 100 == 0:
        tens = f"{whole / 10_000:f}".rstrip("0").rstrip(".")
        parts += [f"{tens}万", f"{tens} 万"]
    return [part for part in parts if len(part) > 2]


def given_names(person: Person) -> list[str]:
    """The given name alone, by which colleagues call each other."""
    han = [person.name[1:]] if len(person.name) >= 3 and not person.name.isascii() else []
    return [*han, *(word for word in (person.name_en or person.name).split() if len(word) > 2)]


def prefilled(deal: Deal, *, by: Person) -> dict[str, Any]:
    """The fields of a debrief that the deal answers, for who writes it: product, customer type and texts.

    Text is in the language in use. Names, numbers and addresses of the customer are left out.
    """
    customer = Customer.get_or_none(Customer.id == deal.customer_id)
    told = Told(deal, customer, by)
    return {
        "product": deal.product_id,
        "customer_type": customer.type_id if customer else None,
        "situation": told.situation,
        "doubt": told.doubt,
        "action": told.action,
        "outcome": told.outcome,
        "created_at": clock.now(),
        "updated_at": clock.now(),
    }


@dataclass(frozen=True)
class Told:
    """What the records of a deal tell to who writes its debrief: each note stands in one place."""

    deal: Deal
    customer: Customer | None
    by: Person
    most: int = MOST_INTERACTIONS
    """Of so many contacts it tells, the last ones."""

    @property
    def situation(self) -> str:
        return _paragraphs(_lines(self._facts()), _lines(self._notes(self._course)))

    @property
    def doubt(self) -> str:
        """What the customer doubted or asked, as the notes say it."""
        return _lines(self._notes(self.contacts, voiced=True))

    @property
    def action(self) -> str:
        """The turning point, with what was said just before it; and the knowledge that the notes name."""
        return _paragraphs(self._turn(), self._used())

    @property
    def outcome(self) -> str:
        """Won or lost, how soon, and why."""
        deal = self.deal
        if deal.stage == Stage.WON:
            return i18n.gettext("Won.")
        text = i18n.gettext("Lost.")
        if deal.lost_reason:
            text += i18n.blank() + i18n.gettext("Reason: %(reason)s", reason=self._clean(deal.lost_reason))
        if deal.competitor:
            text += "\n\n" + i18n.gettext(
                "Chose instead: %(competitor)s", competitor=self._clean(deal.competitor)
            )
        return text

    def _facts(self) -> Iterator[str]:
        customer, deal = self.customer, self.deal
        if customer is not None and customer.type is not None:
            yield i18n.gettext("Customer type: %(type)s", type=i18n.label(customer.type))
        if deal.product is not None:
            yield i18n.gettext("Product: %(product)s", product=i18n.label(deal.product))
        if deal.note.strip():
            yield _one_line(self._sentences(deal.note))

    @cached_property
    def contacts(self) -> list[Interaction]:
        """The last contacts about the deal, oldest first."""
        latest = self._noted.order_by(Interaction.at.desc(), Interaction.id.desc()).limit(self.most)
        return list(latest)[::-1]

    @property
    def left_out(self) -> int:
        """How many contacts came before those."""
        return max(self._noted.count() - len(self.contacts), 0) if len(self.contacts) == self.most else 0

    @property
    def _noted(self) -> ModelSelect[Interaction]:
        """What was written down of the deal: also of its customer alone, while this was their only deal."""
        about: Any = Interaction.deal == self.deal.id
        if self.customer is not None and not self._beside:
            meanwhile = (Interaction.customer == self.customer.id) & Interaction.deal.is_null()
            meanwhile &= Interaction.at >= self.deal.created_at
            if self.deal.closed_on is not None:
                meanwhile &= Interaction.at < clock.start_of(self.deal.closed_on + timedelta(days=1))
            about |= meanwhile
        return Interaction.visible_to(self.by).where(about & Interaction.archived_at.is_null())

    @cached_property
    def _beside(self) -> bool:
        """Whether the customer had another deal while this one was open."""
        others = (Deal.customer == self.customer) & (Deal.id != self.deal.id) & Deal.archived_at.is_null()
        since = clock.local(self.deal.created_at).date()
        others &= Deal.closed_on.is_null() | (Deal.closed_on >= since)
        if self.deal.closed_on is not None:
            others &= Deal.created_at < clock.start_of(self.deal.closed_on + timedelta(days=1))
        return Deal.select(1).where(others).exists()

    @property
    def _course(self) -> list[Interaction]:
        return [each for each in self.contacts if each is not self._before_turn]

    def _notes(self, contacts: Iterable[Interaction], *, voiced: bool = False) -> Iterator[str]:
        for each in contacts:
            said = [text for text, doubts in self._said[each.id] if doubts == voiced]
            if said:
                yield f"{self._origin(each)}{i18n.gettext(': ')}{_one_line(said)}"

    def _origin(self, contact: Interaction) -> str:
        """On which occasion it was said, and whether somebody else wrote it down."""
        kind = i18n.gettext(KINDS[contact.kind_of])
        if contact.person_id != self.by.id:
            kind = i18n.gettext("%(kind)s, noted by a colleague", kind=kind)
        return kind

    @cached_property
    def _said(self) -> dict[int, list[tuple[str, bool]]]:
        """The sentences of each note, and whether they tell of a doubt: read once, told in three places."""
        return {
            each.id: [(text, bool(VOICED.search(text))) for text in self._sentences(each.text)]
            for each in self.contacts
        }

    @property
    def quotes(self) -> Iterator[str]:
        """The sentences of all that was written down of the deal, as they stand there and as they are told
        here.
        """
        for text in (self.deal.note, *(each.text for each in self.contacts)):
            for sentence in (*SENTENCE.findall(text[:MOST_OF_ONE]), *self._sentences(text)):
                yield from filter(_is_telling, sentence.split(HIDDEN))

    def _sentences(self, text: str) -> list[str]:
        return SENTENCE.findall(self._clean(text))

    def _clean(self, text: str) -> str:
        """The beginning of a text without what would tell who was there, how much it was, and when."""
        return "".join(HIDDEN if hidden else part for part, hidden in self.parts_of(text))

    def parts_of(self, text: str) -> list[tuple[str, bool]]:
        """The beginning of a text in pieces, with which of them tell who was there, how much, or when."""
        text = text.strip()
        read, end = text[: MOST_OF_ONE + MARGIN], min(len(text), MOST_OF_ONE)
        spans = [(found.start, found.end) for found in find(read, self._hidden)]
        spans += naming.stretches(read, self._called, exact=True)
        spans += [match.span() for match in TITLED.finditer(read)]
        spans += dates(read)
        spans += [match.span() for match in MONEY.finditer(read)]
        parts, at = list[tuple[str, bool]](), 0
        for start, over in naming.apart(spans):
            if start < end:
                parts += [(read[at:start], False), (read[start:over], True)]
                at = over
        return [*parts, (read[at:end] + ("…" if end < len(text) else ""), False)]

    @cached_property
    def _hidden(self) -> list[str]:
        names = names_at(self.customer) if self.customer is not None else []
        names += [name for each in self._colleagues for name in (each.name, each.name_en)]
        return [*names, self.deal.title, *amounts_of(self.deal)]

    @cached_property
    def _called(self) -> list[str]:
        """The words that stand for a colleague although they are no whole name."""
        numbers = [no for each in self._colleagues if len(no := each.employee_no or "") > 2]
        return [*numbers, *(name for each in self._colleagues for name in given_names(each))]

    @cached_property
    def _colleagues(self) -> list[Person]:
        """Whose deal or customer it is, who has a share, who writes, and who wrote the notes."""
        shares = DealShare.select(DealShare.person).where(DealShare.deal == self.deal.id)
        known = {self.by.id, self.deal.owner_id, self.customer and self.customer.owner_id}
        known |= {each.person_id for each in self.contacts}
        ids = [ident for ident in known if ident is not None]
        return list(Person.select().where(Person.id.in_(ids) | Person.id.in_(shares)).order_by(Person.id))

    @cached_property
    def _last_move(self) -> Event | None:
        """When it last went on to a later stage, before it was closed."""
        moves = Event.about(self.deal).where(Event.verb == "moved")
        return next((each for each in moves if _goes_on(each)), None)

    @cached_property
    def _before_turn(self) -> Interaction | None:
        move = self._last_move
        return next((each for each in reversed(self.contacts) if move and each.at <= move.at), None)

    def _turn(self) -> str:
        if self._last_move is None:
            return ""
        stages = {str(stage): i18n.label(stage) for stage in OPEN_STAGES}
        before, after = (stages[name] for name in self._last_move.changes["stage"])
        turn = i18n.gettext("From %(before)s to %(after)s.", before=before, after=after)
        said = list(self._notes([self._before_turn] if self._before_turn else []))
        return "\n".join([turn, *([i18n.gettext("Just before:"), "", _lines(said)] if said else [])])

    def _used(self) -> str:
        """The articles and questions that the notes name by their address, and those that were noted as used,
        as far as who writes sees them.
        """
        read = ArticleUse.of(self.deal).select(ArticleUse.article)
        answers = Answer.select(Answer.question).join(AnswerUse).where(AnswerUse.deal == self.deal.id)
        named = {found.groups() for each in self.contacts for found in NAMED.finditer(each.text)}
        found: list[str] = []
        for path, model, words in (("articles", Article, "title"), ("questions", Question, "text")):
            ids = [int(ident) for place, ident in named if place == path]
            those: Any = model.id.in_(ids)
            those |= model.id.in_(answers if model is Question else read)
            shown = model.visible_to(self.by).where(those).order_by(model.id)
            found += [
                f"[{getattr(each, words).replace('[', '(').replace(']', ')')}]({each.url})" for each in shown
            ]
        return "\n".join([i18n.gettext("What was used:"), "", _lines(found)]) if found else ""


def _goes_on(move: Event) -> bool:
    before, after = move.changes.get("stage", [None, None])
    stages = [str(stage) for stage in OPEN_STAGES]
    return before in stages and after in stages and stages.index(before) < stages.index(after)


def _one_line(sentences: Iterable[str]) -> str:
    return " ".join("".join(sentences).split("\n")).strip()


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)


def quotes_in(texts: Mapping[str, str], deal: Deal, *, by: Person) -> dict[str, str]:
    """By the names of its texts, the first words that stand in a debrief just as in the notes of its deal."""
    told = Told(deal, Customer.get_or_none(Customer.id == deal.customer_id), by)
    letters, found = {name: _letters(text) for name, text in texts.items()}, dict[str, str]()
    for quote in told.quotes:
        said = _letters(quote)
        for name in (name for name, text in letters.items() if said in text):
            found.setdefault(name, " ".join(quote.split())[:SHOWN])
    return found


def _letters(text: str) -> str:
    """The letters and figures alone: another comma makes no other sentence."""
    return "".join(filter(str.isalnum, text.casefold()))


def _is_telling(quote: str) -> bool:
    """Whether so many words in a row are found again, and are no phrase that everybody says."""
    letters = _letters(quote)
    return len(letters) >= (TELLING_HAN if any("\u4e00" <= c <= "\u9fff" for c in letters) else TELLING)
