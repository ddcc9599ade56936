"""What knowledge is called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said, State


class ArticleState(State):
    """Where an article is in its life."""

    DRAFT = "draft", Phrase("Draft"), "neutral", "pencil"
    PUBLISHED = "published", Phrase("Published"), "success", "circle-check"
    ARCHIVED = "archived", Phrase("Archived"), "neutral", "archive"


class ProposalState(State):
    """What became of a text that was proposed."""

    WAITING = "waiting", Phrase("Waits for approval"), "info", "clock"
    ACCEPTED = "accepted", Phrase("Accepted"), "success", "circle-check"
    REFUSED = "refused", Phrase("Sent back"), "warning", "arrow-back-up"
    WITHDRAWN = "withdrawn", Phrase("Withdrawn"), "neutral", "x"


class OutcomeState(State):
    """What becomes of an accepted suggestion."""

    WAITING = "waiting", Phrase("Waits for an answer"), "info", "clock"
    PLANNED = "planned", Phrase("Will be carried out"), "info", "calendar"
    DONE = "done", Phrase("Carried out"), "success", "circle-check"
    DECLINED = "declined", Phrase("Not carried out"), "neutral", "x"


class QuestionState(State):
    """Whether a question has an answer."""

    OPEN = "open", Phrase.among("questions", "Open"), "info", "clock"
    ANSWERED = "answered", Phrase("Answered"), "success", "circle-check"


class AskState(State):
    """What a colleague who is asked made of it."""

    OPEN = "open", Phrase("Has not answered yet"), "info", "clock"
    ANSWERED = "answered", Phrase("Answered"), "success", "circle-check"
    DECLINED = "declined", Phrase("Leaves it to others"), "neutral", "x"
    HANDED_ON = "handed on", Phrase("Handed on"), "neutral", "arrow-right"
    OVER = "over", Phrase("No longer needed"), "neutral", "circle-check"
    LEFT = "left", Phrase("Not here"), "neutral", "eye-off"


KINDS = {
    "guide": Phrase("How-to"),
    "questions": Phrase("Questions and answers"),
    "product": Phrase("Product sheet"),
    "policy": Phrase("Policy"),
    "prices": Phrase("Price table"),
    "success": Phrase("Success story"),
    "onboarding": Phrase("Onboarding lesson"),
    "experience": Phrase("Experience"),
    "answer": Phrase("Answer"),
    "suggestion": Phrase("Suggestion"),
}
"""The kinds of articles that the portal knows; the company makes more (`templates`)."""
BORN = ("experience", "answer", "suggestion")
"""Those that an article has from what it was born of, for ever."""

FRESHNESS = {
    "evergreen": Phrase("Evergreen"),
    "process": Phrase("How we work"),
    "product": Phrase("About a product"),
    "price": Phrase("Prices and policies"),
    "dated": Phrase("True until a certain day"),
}
"""How long knowledge stays true, by class (RULES 4.4): the days until a check are the company's."""
FRESHNESS_ONCE = {
    "evergreen": Phrase("Evergreen: checked once a year"),
    "process": Phrase("How we work: checked every 180 days"),
    "product": Phrase("About a product: checked every 90 days"),
    "price": Phrase("Prices and policies: checked every 30 days"),
}
"""What files that went out before call them: they come back in."""

WAYS = {
    "none": Phrase("Not at all: who writes it publishes it"),
    "expert": Phrase("By an expert of the topic"),
    "two": Phrase("In two steps: by an expert, then by the topic's owner"),
}
"""How a topic's articles are approved."""

ARTICLE = Noun(
    "article",
    Phrase("Article"),
    Phrase("Knowledge"),
    icon="book-2",
    path="/articles/{id}",
    states=ArticleState,
    events={
        "written": Said(Phrase("wrote")),
        "published": Said(
            Phrase("published the article"), "circle-check", "success", brief=Phrase("published")
        ),
        "scheduled": Said(
            Phrase("publishes it on a later day"), "calendar", "info", brief=Phrase("scheduled")
        ),
        "ended": Said(Phrase("put it away: its last day is over"), "calendar", brief=Phrase("ended")),
        "edited": Said(
            Phrase("changed the article: %(fields)s"), "pencil", "neutral", brief=Phrase("edited")
        ),
        "verified": Said(
            Phrase("looked at it: still true"), "shield-check", "success", brief=Phrase("checked")
        ),
        "kept": Said(Phrase("keeps it, though nobody used it for long"), "bookmark", brief=Phrase("kept")),
        "used": Said(Phrase("found that it worked"), "thumb-up", "success"),
        "objected": Said(
            Phrase("found that it did not work"), "flag", "warning", brief=Phrase("did not work")
        ),
        "objection withdrawn": Said(Phrase("took back that it did not work"), "arrow-back-up"),
        "objection answered": Said(
            Phrase("answered why it did not work"), "message", "info", brief=Phrase("objection answered")
        ),
        "called minor": Said(
            Phrase("said that a change is minor: the score stays"),
            "shield-check",
            brief=Phrase("called minor"),
        ),
        "reviewed again": Said(Phrase("reviewed the changed text"), "shield-check", "success"),
        "version restored": Said(Phrase("brought back an earlier version"), "history"),
        "file taken out": Said(
            Phrase("took out the file “%(file)s”"), "paperclip", brief=Phrase("took out a file")
        ),
        "merged": Said(Phrase("merged it into “%(into)s”"), "git-merge", brief=Phrase("merged away")),
        "took in": Said(Phrase("merged “%(article)s” into it"), "git-merge", brief=Phrase("took in")),
        "topic added": Said(Phrase("filed it under a topic"), "bookmark", brief=Phrase("filed")),
        "language added": Said(
            Phrase("tied it to its versions in other languages"), "link", brief=Phrase("language added")
        ),
        "language removed": Said(
            Phrase("took it from among its versions in other languages"),
            "link",
            brief=Phrase("language removed"),
        ),
        "outcome planned": Said(Phrase("said that it will be carried out"), "calendar", "info"),
        "outcome done": Said(Phrase("said that it is carried out"), "circle-check", "success"),
        "outcome declined": Said(Phrase("said why it is not carried out"), "x"),
        "outcome passed on": Said(Phrase("asked someone else what becomes of it"), "arrow-right"),
    },
)

SUGGESTION_OUTCOME = Noun(
    "suggestion_outcome",
    Phrase("What becomes of a suggestion"),
    icon="bulb",
    path="/outcomes/{id}",
    states=OutcomeState,
)
"""Its events are those of its article."""

QUESTION = Noun(
    "question",
    Phrase("Question"),
    Phrase("Questions"),
    icon="help-circle",
    path="/questions/{id}",
    states=QuestionState,
    events={
        "asked": Said(Phrase("asked the question"), "help-circle", "info", brief=Phrase("asked")),
        "answered": Said(Phrase("answered")),
        "best chosen": Said(Phrase("chose the best answer")),
        "best taken back": Said(Phrase("took back the best answer")),
        "topic set": Said(Phrase("filed it under a topic"), "bookmark", brief=Phrase("filed")),
        "topics set": Said(Phrase("filed it under other topics too"), "bookmark", brief=Phrase("filed")),
        "put to experts": Said(Phrase("asked experts"), "send", "info"),
        "widened": Said(Phrase("asked further experts"), "send", "info"),
        "alarmed": Said(Phrase("raised the alarm: nobody had answered"), "alert-triangle", "warning"),
        "asking withdrawn": Said(Phrase("stopped asking experts"), "x"),
        "article begun": Said(Phrase("began an article of an answer"), "book-2", "info"),
        "asker revealed": Said(Phrase("looked up who had asked"), "eye", "warning"),
    },
)

ASK = Noun(
    "ask",
    Phrase("Asked colleague"),
    Phrase("Asked colleagues"),
    icon="send",
    icon_waiting="help-circle",
    states=AskState,
    events={
        "asked": Said(Phrase("asked a colleague"), "send", "info", brief=Phrase("asked")),
        "declined": Said(Phrase("left the question to others"), "x", brief=Phrase("left to others")),
        "handed on": Said(Phrase("handed the question on"), "arrow-right", brief=Phrase("handed on")),
        "left": Said(Phrase("could not be asked any more"), "eye-off"),
    },
)

ANSWER = Noun(
    "answer",
    Phrase("Answer"),
    path="/answers/{id}",
    events={
        "file taken out": Said(
            Phrase("took out the file “%(file)s”"), "paperclip", brief=Phrase("took out a file")
        )
    },
)

OBJECTION = Noun("objection", Phrase("Did not work"), icon="flag", icon_waiting="flag")
"""Its events are those of its article."""

TOPIC_RULE = Noun(
    "topic_rule",
    Phrase("Approval of a topic's articles"),
    path="/topics/{id}",
    events={"chosen": Said(Phrase("chose how a topic's articles are approved"), "shield-check")},
)

PROPOSAL = Noun(
    "proposal",
    Phrase("Proposed text"),
    Phrase("Proposed texts"),
    icon="pencil",
    icon_waiting="shield-check",
    path="/proposals/{id}",
    states=ProposalState,
    events={
        "proposed": Said(Phrase("proposed a text"), "pencil", "info"),
        "edited": Said(Phrase("changed the proposed text"), "pencil", brief=Phrase("edited")),
        "agreed": Said(Phrase("agreed: it goes on to be approved"), "check", brief=Phrase("agreed")),
        "approved": Said(Phrase("approved the text"), "circle-check", "success", brief=Phrase("approved")),
        "refused": Said(
            Phrase("sent the text back: %(reason)s"), "arrow-back-up", "warning", brief=Phrase("sent back")
        ),
        "withdrawn": Said(Phrase("withdrew the proposed text"), "x"),
        "commented": Said(Phrase("commented on the proposed text"), "message", brief=Phrase("commented")),
        "comment answered": Said(
            Phrase("answered a comment"), "message", "info", brief=Phrase("comment answered")
        ),
        "comment settled": Said(
            Phrase("settled a comment"), "circle-check", "success", brief=Phrase("comment settled")
        ),
    },
)

COMMENT = Noun("comment", Phrase("Comment on a text"), Phrase("Comments"), icon="message")
"""Its events are those of the proposed text."""

ARTICLE_TEMPLATE = Noun(
    "article_template",
    Phrase("Article template"),
    Phrase("Article templates"),
    icon="book-2",
    path="/admin/templates/{id}",
    open_to_auditors=False,
    events={"added": Said(Phrase("made the template"), "plus", brief=Phrase("added"))},
)
