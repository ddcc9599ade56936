"""What the demo company learned: experiences and their reviews, the handbook, questions, colleagues' words."""

from __future__ import annotations

from functools import partial

from portal import i18n
from portal.demo import shapes, story
from portal.demo.plot import Plot
from portal.demo.shapes import Moment
from portal.models.experiences import panels, process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.experiences.rubric import LEAST_CORRECT, NAMES, PASS_MARK, Scores
from portal.models.expertise.expertise import Endorsement
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, Question
from portal.models.people.people import Person

KINDS = {"won": "debrief", "lost": "debrief", "question": "question", "suggestion": "suggestion"}
FRESHNESS = {"policy": "price"}
"""Classes of freshness that the portal names otherwise."""
AGAINST = {"rejected": "reject", "revision_asked": "revise", "merged": "merge"}
"""What a reviewer who is not in favour says, by how it ended."""
PEOPLE = {person.key: person for person in story.PEOPLE}
REVIEWER = dict(story.LOGINS)["reviewer"]
"""Whoever signs in to see what reviewing is like: asked wherever competent, so that something waits."""


def tell_experiences(plot: Plot) -> None:
    """Each lesson from its draft to its end."""
    for one in story.EXPERIENCES:
        plot.at(one.written, partial(_write, plot, one))
        if one.submitted is not None:
            plot.at(one.submitted, partial(_submit, plot, one))
        for turn, review in enumerate(one.reviews):
            plot.at(review.on, partial(_review, plot, one, turn))
        if one.state == "withdrawn" and one.decided is not None:
            plot.at(one.decided, partial(_withdraw, plot, one))
        if one.state == "accepted" and one.decided is not None:
            for turn, key in enumerate(one.worked_for):
                when = one.decided.later(1 + turn * 2, 11 + turn)
                plot.at(when, partial(_experience_worked, plot, one, key))


def _write(plot: Plot, one: shapes.Experience) -> None:
    author = plot.people[one.author]
    deal = plot.deals[one.deal] if one.deal else None
    with i18n.speaking("zh"):
        experience = Experience.begin(by=author, kind=KINDS[one.kind], deal=deal)
    experience.save_draft(
        by=author,
        title=one.title,
        situation=one.situation,
        doubt=one.doubt,
        action=one.action,
        outcome=one.outcome,
        lesson=one.lesson,
        product=plot.products[one.product].id if one.product else None,
        customer_type=plot.types[one.customer_type].id if one.customer_type else None,
        topics=[plot.topics[topic] for topic in one.topics],
    )
    plot.experiences[one.key] = experience.id


def _submit(plot: Plot, one: shapes.Experience) -> None:
    experience = plot.experience(one.key)
    for reviewer in _first_asked(plot, one):
        panels.assign(experience, plot.people[reviewer].id)
    process.submit(experience, by=plot.people[one.author], duplicate_checked=one.merged_into is not None)


def _first_asked(plot: Plot, one: shapes.Experience) -> list[str]:
    asked = [review.reviewer for review in one.reviews[:2]]
    if len(asked) < 2 and one.state in ("submitted", "in_review") and _may_judge(REVIEWER, one):
        asked.append(REVIEWER)
    return asked


def _may_judge(reviewer: str, one: shapes.Experience) -> bool:
    return bool(set(PEOPLE[reviewer].topics) & set(one.topics)) and reviewer != one.author


def _review(plot: Plot, one: shapes.Experience, turn: int) -> None:
    told = one.reviews[turn]
    experience, by = plot.experience(one.key), plot.people[told.reviewer]
    if turn == 1:
        _ask_the_third(plot, one, experience)
    review = Review.get((Review.experience == experience) & (Review.reviewer == by))
    verdict = _verdict(one, told)
    # The story tells the reason once; whoever decides writes it down for the author.
    reason = f"\n\n{one.reason}" if one.reason and turn == len(one.reviews) - 1 else ""
    process.complete(
        review,
        by=by,
        scores=dict(zip(NAMES, told.scores, strict=True)),
        verdict=verdict,
        comment=told.comment + reason,
        into=plot.experience(one.merged_into) if one.merged_into else None,
    )


def _ask_the_third(plot: Plot, one: shapes.Experience, experience: Experience) -> None:
    """Where the first two will differ: whoever the story says, before the portal chooses someone itself."""
    if len(one.reviews) == 3:
        panels.assign(experience, plot.people[one.reviews[2].reviewer].id)
    elif one.state == "in_review" and _may_judge(REVIEWER, one):
        panels.assign(experience, plot.people[REVIEWER].id)


def _verdict(one: shapes.Experience, told: shapes.Review) -> str:
    if one.state == "merged":
        return "merge"
    scores = Scores(*told.scores)
    if scores.total() >= PASS_MARK and scores.correct >= LEAST_CORRECT:
        return "accept"
    return AGAINST.get(one.state, "revise")


def _withdraw(plot: Plot, one: shapes.Experience) -> None:
    plot.experience(one.key).withdraw(by=plot.people[one.author])


def _experience_worked(plot: Plot, one: shapes.Experience, key: str) -> None:
    article = Article.get(Article.was_born_of("experience", plot.experiences[one.key]))
    article.use(by=plot.people[key])


def tell_handbook(plot: Plot) -> None:
    """The articles that nobody's deal gave birth to, and whom they helped."""
    for place, one in enumerate(story.ARTICLES):
        plot.at(one.published, partial(_publish, plot, one))
        readers = [key for key in story.SELLERS if key != one.author]
        for turn in range(place % 4 + 1):
            reader = readers[(place + turn) % len(readers)]
            when = one.published.later(4 + turn * 6 + place, 12 + turn)
            plot.at(when, partial(_article_worked, plot, one, reader))


def _publish(plot: Plot, one: shapes.Article) -> None:
    plot.articles[one.key] = Article.add(
        by=plot.people[one.author],
        title=one.title,
        summary=one.summary,
        body=one.body,
        language=one.lang,
        topics=[plot.topics[topic] for topic in one.topics],
        product=plot.products[one.products[0]] if one.products else None,
        customer_type=plot.types[one.customer_types[0]] if one.customer_types else None,
        freshness=FRESHNESS.get(one.freshness, one.freshness),
    )


def _article_worked(plot: Plot, one: shapes.Article, reader: str) -> None:
    plot.articles[one.key].use(by=plot.people[reader])


def tell_questions(plot: Plot) -> None:
    """Customers' doubts, the answers, and which is best for whom."""
    for one in story.QUESTIONS:
        told = _Asked(plot, one)
        plot.at(one.on, told.ask)
        for answer in one.answers:
            plot.at(answer.on, partial(told.answer, answer))
        if one.best:
            plot.at(one.answers[-1].on.later(1, 17, 10), told.choose)


class _Asked:
    """One question while its story goes on."""

    def __init__(self, plot: Plot, one: shapes.Question) -> None:
        self.plot, self.one = plot, one
        self.answers: list[Answer] = []

    def ask(self) -> None:
        one, plot = self.one, self.plot
        self.question = Question.ask(
            by=plot.people[one.asked_by],
            text=one.title,
            detail=one.detail,
            topic=plot.topics[one.topics[0]],
            product=plot.products[one.product] if one.product else None,
        )

    def answer(self, one: shapes.Answer) -> None:
        self.answers.append(self.question.answer(by=self.plot.people[one.author], text=one.text))

    def choose(self) -> None:
        for kind, index in self.one.best:
            answer = self.answers[index]
            customer_type = self.plot.types[kind] if kind else None
            self.question.choose_best(answer, by=self._chooser(index), customer_type=customer_type)

    def _chooser(self, index: int) -> Person:
        """Who asked; for an answer of their own, a reviewer of the topic."""
        author = self.one.answers[index].author
        knowing = [p.key for p in story.PEOPLE if self.one.topics[0] in p.topics and p.key != author]
        return self.plot.people[self.one.asked_by if self.one.asked_by != author else knowing[0]]


def tell_endorsements(plot: Plot) -> None:
    """Colleagues' words for each other."""
    for place, one in enumerate(story.ENDORSEMENTS):
        plot.at(Moment(1, 5 + place, 15, place), partial(_endorse, plot, one))


def _endorse(plot: Plot, one: shapes.Endorsement) -> None:
    Endorsement.give(by=plot.people[one.by], person=plot.people[one.person], topic=plot.topics[one.topic])
