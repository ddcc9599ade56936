"""Who may do what: every address, every role, one's own records and others'.

The records are Li Minglang's, a salesperson: so `owner` is the person they belong to, `manager` leads him,
`elsewhere` manages another office, `stranger` sells in another office, and the others hold one role each.
The table is written from DESIGN section 6 and RULES 4.10 and 4.1, not from the code.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, cast

import pytest
from starlette.routing import Route

from portal import clock
from portal.i18n import Phrase
from portal.media.kinds import TEXT
from portal.models.base.record import Event
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.disputes import Dispute
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy
from portal.models.commission.statements import Statement
from portal.models.company import lists
from portal.models.company.calendar import CalendarDay
from portal.models.company.logos import Logo
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.customers.access import Access
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.requests import CustomerRequest
from portal.models.customers.rights import choose
from portal.models.customers.trait_kinds import TraitKind
from portal.models.customers.traits import Trait
from portal.models.experiences.anchors import Anchor
from portal.models.experiences.debriefs import undebriefed
from portal.models.experiences.experiences import Experience
from portal.models.experiences.interviews import Interview
from portal.models.experiences.reviews import Review
from portal.models.experiences.voice import VoiceNote
from portal.models.expertise.challenges import TeamChallenge
from portal.models.expertise.soft_traits import SoftTrait
from portal.models.files.attachments import Arrived, Attachment, Enclosure
from portal.models.files.file_texts import FileText
from portal.models.help.messages import HelpMessage
from portal.models.help.pages import HelpPage
from portal.models.help.site import Site
from portal.models.imports.aliases import Alias
from portal.models.imports.imports import Import
from portal.models.knowledge import history, proposals
from portal.models.knowledge.articles import Article
from portal.models.knowledge.asks import Ask
from portal.models.knowledge.comments import Comment
from portal.models.knowledge.objections import Objection
from portal.models.knowledge.outcomes import SuggestionOutcome
from portal.models.knowledge.questions import Answer, Question
from portal.models.knowledge.templates import ArticleTemplate
from portal.models.learning.attempts import Attempt
from portal.models.learning.certificates import Certificate
from portal.models.learning.courses import Course
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.paths import PathStep
from portal.models.learning.post_needs import PostNeed
from portal.models.learning.role_plays import Observation
from portal.models.people.absences import Absence
from portal.models.people.letters import Letter
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.passkeys import Passkey
from portal.models.people.people import Person
from portal.models.people.rule_changes import RuleChange
from portal.models.people.sessions import Session
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine
from portal.models.search.documents import SearchFailure
from portal.models.search.lookups import SavedSearch
from portal.models.search.proposals import WordProposal
from portal.models.search.synonyms import Synonym
from portal.models.work.jobs import Job
from portal.models.work.setbacks import Setback
from portal.routes import routes
from tests.authenticator import Device
from tests.authenticator import written as as_text
from tests.company import Company
from tests.learning import course_of, exam_of
from tests.views.company.test_logo import png

CAST = {
    "owner": "li",
    "manager": "wang",
    "elsewhere": "wu",
    "stranger": "chen",
    "reviewer": "zheng",
    "finance": "sun",
    "payroll": "luo",
    "administrator": "zhao",
    "auditor": "he",
}
EVERYONE = " ".join(CAST)
WRITERS = EVERYONE.removesuffix(" auditor")
TEAM = "owner manager"
MANAGERS = "manager elsewhere"
FINANCE = "finance payroll"
SECOND = "finance payroll administrator"
READS_MONEY = "finance payroll auditor"
JUDGES = "manager elsewhere reviewer"
"""All three review: the office managers do so too."""


@dataclass(frozen=True)
class Right:
    """Who may use an address with one of the records; `sent` is what a form needs to get as far as the right."""

    may: str
    of: str = ""
    why: str = ""
    sent: dict[str, str] = field(default_factory=dict)


OWN = "one's own affair, whatever the role"
READS = "colleagues know the company's customers, deals, products and knowledge; private facts are masked"
OPEN = "the world reads it, whoever asks, once an administrator has opened the help site"
LOG = "the auditor reads, and changes nothing"
SOFT = {"trait": "{soft}"}
TALK = {"of": "interaction", "source": "{talk}", "kind": "{trait}", "answer": "keep"}
SUMS = "sums for who answers for it, none of which tells how one or two colleagues did"
ROWS = "each row asks by itself: what is not theirs to change stays as it is, and they are told"

RIGHTS: dict[str, tuple[Right, ...]] = {
    "home": (Right(EVERYONE),),
    "month_so_far": (Right(EVERYONE),),
    "needs_me": (Right(EVERYONE),),
    "need_answer": (Right("owner", "need"),),
    "notice_reading": (Right("owner", "notice"),),
    "notices_reading": (Right(EVERYONE, why=OWN),),
    # signing in
    "sign_in": (Right(EVERYONE),),
    "code": (Right(EVERYONE),),
    "code_passkey": (Right(EVERYONE),),
    "code_passkey_challenge": (Right(EVERYONE),),
    "passkey_sign_in": (Right(EVERYONE),),
    "passkey_sign_in_challenge": (Right(EVERYONE),),
    "sign_out": (Right(EVERYONE),),
    "choose_language": (Right(EVERYONE),),
    "forgotten": (Right(EVERYONE),),
    "reset": (Right("", "no link", why="only the signed link of a letter opens it"),),
    # one's own account
    "account": (Right(EVERYONE, why=OWN),),
    "theme": (Right(EVERYONE, why=OWN),),
    "language": (Right(EVERYONE, why=OWN),),
    "password": (Right(EVERYONE, why=OWN),),
    "second_factor": (Right(EVERYONE, why=OWN),),
    "second_factor_addition": (Right(EVERYONE, why=OWN),),
    "second_factor_codes": (Right(EVERYONE, why=OWN),),
    "second_factor_removal": (Right(EVERYONE, why=OWN),),
    "passkey_addition": (Right(EVERYONE, why=OWN),),
    "passkey_addition_challenge": (Right(EVERYONE, why=OWN),),
    "passkey_removal": (Right("owner", "passkey", "an administrator takes off all of them at once"),),
    "confirmation": (Right(EVERYONE, why=OWN),),
    "confirmation_challenge": (Right(EVERYONE, why=OWN),),
    "sessions": (Right(EVERYONE, why=OWN),),
    "session_revocation": (Right("owner", "session", "not even an administrator ends it one by one"),),
    # search
    "search": (Right(EVERYONE),),
    "search_suggest": (Right(EVERYONE),),
    "search_offers": (Right(EVERYONE),),
    "search_similar": (Right(EVERYONE),),
    "search_answers": (Right(EVERYONE),),
    "search_clicks": (Right(EVERYONE),),
    "saved_searches": (Right(EVERYONE, why=OWN),),
    "search_save": (Right(EVERYONE, why=OWN),),
    "saved_search_removal": (Right("owner", "saved search"),),
    "search_gaps": (Right(f"{JUDGES} administrator", why="those who can fill a gap see it"),),
    "gap_question": (Right(f"{JUDGES} administrator"),),
    "gap_article": (Right(f"{JUDGES} administrator"),),
    "gap_dismissal": (Right(f"{JUDGES} administrator"),),
    # imports
    "imports": (Right(f"{MANAGERS} administrator"),),
    "import_new": (Right(f"{MANAGERS} administrator"),),
    "import": (Right("manager administrator", "import", "a manager's import is not another manager's"),),
    "import_file": (Right("manager administrator", "import"),),
    "import_columns": (Right("manager administrator", "import"),),
    "import_check": (Right("manager administrator", "import"),),
    "import_names": (Right(f"{MANAGERS} administrator"),),
    "import_name_withdrawal": (Right("administrator", "alias"),),
    "import_discard": (Right("manager administrator", "import"),),
    "import_run": (Right("manager administrator", "import"),),
    "import_rejected": (Right("manager administrator", "import"),),
    "import_undo": (Right("manager administrator", "import"),),
    "import_resumption": (Right("manager administrator", "import"),),
    # administration
    "admin": (Right("administrator"),),
    "admin_search": (Right("administrator"),),
    "admin_search_progress": (Right("administrator"),),
    "admin_search_rebuild": (Right("administrator", sent={"engine": "embedded"}),),
    "search_failure_retry": (Right("administrator", "failure"),),
    "search_words": (Right("administrator"),),
    "search_word": (Right("administrator", "synonym"),),
    "search_word_removal": (Right("administrator", "synonym"),),
    "search_word_sets": (Right("administrator"),),
    "word_acceptance": (Right("administrator", "word proposal"),),
    "word_dismissal": (Right("administrator", "word proposal"),),
    "company": (Right("administrator"),),
    "logo": (Right(EVERYONE, "logo"),),
    "logo_choice": (Right("administrator"),),
    "logo_removal": (Right("administrator"),),
    "set_up": (Right("administrator"),),
    "set_up_topics": (Right("administrator"),),
    "set_up_later": (Right("administrator"),),
    "sign_in_rule": (Right("administrator"),),
    "review_rules": (Right("administrator"),),
    "rules": (Right(EVERYONE),),
    "rules_edit": (Right("administrator", "page of rules"),),
    "rule_change": (Right(f"{MANAGERS} administrator auditor", "rule change"),),
    "rule_change_approval": (
        Right(f"{MANAGERS} administrator", "rule change", "a second person; never who proposed it"),
    ),
    "rule_change_refusal": (Right(f"{MANAGERS} administrator", "rule change"),),
    "rule_change_withdrawal": (
        Right("administrator", "rule change of one's own", "who proposed it may let it go"),
    ),
    "accounts": (Right("administrator"),),
    "accounts_export": (Right("administrator"),),
    "accounts_invitation": (Right("administrator"),),
    "accounts_invitation_export": (
        Right("administrator", why="without people who hold a role; each is told, and it is logged"),
    ),
    "account_new": (Right("administrator"),),
    "account_edit": (Right("administrator", "person"),),
    "account_role": (Right("administrator", "person"),),
    "account_role_withdrawal": (Right("administrator", "person"),),
    "account_leaving": (Right("administrator", "person"),),
    "account_reactivation": (Right("administrator", "person"),),
    "account_second_factor": (Right("administrator", "person"),),
    "account_sessions_end": (Right("administrator", "person"),),
    "account_invitation": (Right("administrator", "person"),),
    "retention": (Right("administrator"),),
    "working_days": (Right("administrator"),),
    "working_day_new": (Right("administrator"),),
    "working_day_removal": (Right("administrator", "working day"),),
    "words": (Right("administrator", "words"),),
    "word_new": (Right("administrator", "words"),),
    "word_edit": (Right("administrator", "word"),),
    "jobs": (Right("administrator"),),
    "job_retry": (Right("administrator", "job"),),
    "job_drop": (Right("administrator", "job"),),
    "job_stop": (Right("administrator", "job"),),
    "setback_retry": (Right("administrator", "setback"),),
    "setback_drop": (Right("administrator", "setback"),),
    "letters": (Right("administrator"),),
    "letter_link": (
        Right("administrator", "letter", "where no mail is sent, the link is handed over; logged"),
    ),
    "events_export": (Right("auditor"),),
    "event_undoing": (Right("owner", "act", "whoever did it, and nobody for them"),),
    # what all of it brings
    "usage": (Right(f"{JUDGES} administrator", why=f"whom a topic belongs to too; {SUMS}"),),
    "usage_week": (Right(f"{JUDGES} administrator", why=f"whom a topic belongs to too; {SUMS}"),),
    "usage_letter": (Right(f"{JUDGES} administrator", why=OWN),),
    "topic_usage": (Right(f"{JUDGES} administrator", "topic", f"whom a topic belongs to too; {SUMS}"),),
    "anchor_new": (Right("auditor", why="whoever keeps calibration"),),
    "anchor": (Right("auditor", "anchor", "a reviewer who reads of it would know it again"),),
    "calibration": (Right("auditor", why="who judged whose work is for nobody else"),),
    "themes": (Right(EVERYONE, why="of the deals that one opens"),),
    "theme_deals": (Right(EVERYONE, "month, end and reason", why="of the deals that one opens"),),
    "effect": (Right(EVERYONE, why="sums, none of which tells how one or two colleagues did"),),
    "effect_leads": (Right(EVERYONE, "open month", why="of the leads behind a sum those that one opens"),),
    "effect_accepted": (Right(EVERYONE, "open month", why=READS),),
    "effect_doubts": (Right(EVERYONE, "open month", why=READS),),
    "loop": (Right("manager elsewhere reviewer administrator auditor", why=SUMS),),
    "loop_questions": (Right("manager elsewhere reviewer administrator auditor", "loop line", SUMS),),
    "loop_groups": (Right("administrator"),),
    "review_log": (Right("auditor"),),
    "review_log_export": (Right("auditor"),),
    "held_votes": (Right("auditor administrator"),),
    "held_vote_decision": (
        Right("auditor administrator", "person", "by the number of the question; never one's own"),
    ),
    "events": (
        Right("auditor administrator", why="role changes and exports are the administrator's to follow"),
    ),
    # knowledge
    "articles": (Right(EVERYONE),),
    "articles_export": (Right(f"{JUDGES} administrator", why="who looks after knowledge; logged"),),
    "articles_handbook_export": (Right(f"{JUDGES} administrator", why="as the list; logged"),),
    "articles_selection": (Right(EVERYONE, why=ROWS),),
    "articles_selection_topic": (Right(EVERYONE, why=ROWS),),
    "articles_selection_course": (Right(EVERYONE, why=ROWS),),
    "article_new": (Right(WRITERS, why=LOG),),
    "article_draft_new": (Right(WRITERS, why=LOG),),
    "article_draft": (Right("owner", "article"), Right("owner", "draft article")),
    "article": (
        Right(EVERYONE, "article"),
        Right("owner", "draft article", "a draft is its author's"),
        Right(f"owner {JUDGES}", "archived article", "those who may bring it back see it"),
    ),
    "article_titled": (Right(EVERYONE),),
    "article_of_experience": (Right(EVERYONE, "experience with article"),),
    "article_edit": (Right(f"owner {JUDGES}", "article"), Right("owner", "draft article")),
    "article_publication": (Right(f"owner {JUDGES}", "article"), Right("owner", "draft article")),
    "article_check": (Right(f"owner {JUDGES}", "article"), Right("owner", "draft article")),
    "article_keeping": (Right(f"owner {JUDGES}", "article"), Right("owner", "draft article")),
    "article_use": (
        Right(
            "manager elsewhere stranger reviewer finance payroll administrator",
            "article",
            "never for oneself; " + LOG,
        ),
    ),
    "article_word": (
        Right(
            "manager elsewhere stranger reviewer finance payroll administrator",
            "article",
            "beside one's own word; " + LOG,
        ),
    ),
    "article_words": (Right(EVERYONE, "article"), Right("owner", "draft article")),
    "question_links": (Right(EVERYONE, "question"),),
    "course_links": (
        Right(EVERYONE, "course"),
        Right("manager", "draft course", "nobody else knows of it"),
    ),
    "person_links": (Right(EVERYONE, "person"),),
    "article_objection": (
        Right(
            "manager elsewhere stranger reviewer finance payroll administrator",
            "article",
            "never of one's own; " + LOG,
        ),
    ),
    "objection_withdrawal": (Right("stranger", "objection", "one's own word"),),
    "objection_answer": (
        Right(f"owner {JUDGES}", "objection", "who wrote the article, and who reviews its topics"),
    ),
    "outcome": (Right(EVERYONE, "outcome", "who cannot answer it is led to the suggestion"),),
    "outcome_passing": (Right(f"{JUDGES} administrator", "outcome", "never who proposed it"),),
    "article_suggestion": (
        Right("stranger finance payroll administrator", "article", "who may change it changes it"),
    ),
    "proposal": (
        Right(f"owner stranger {JUDGES}", "suggestion", "who wrote it, and who may change the article"),
    ),
    "proposal_edit": (Right(f"owner stranger {JUDGES}", "suggestion", "as its page"),),
    "proposal_approval": (Right(f"owner {JUDGES}", "suggestion", "never who wrote it"),),
    "proposal_refusal": (Right(f"owner {JUDGES}", "suggestion", "never who wrote it"),),
    "proposal_withdrawal": (Right("stranger", "suggestion", "who wrote it"),),
    "proposal_comments": (Right(f"owner {JUDGES}", "suggestion", "who reads it, never who wrote it"),),
    "comment_answer": (Right("stranger", "comment", "who wrote the text"),),
    "comment_settlement": (Right("owner stranger", "comment", "who said it, and who answers"),),
    "article_archiving": (Right(f"owner {JUDGES}", "article"), Right("owner", "draft article")),
    "articles_news": (Right(EVERYONE),),
    "article_links": (Right(EVERYONE, "article"), Right("owner", "draft article")),
    "article_merging": (Right(f"owner {JUDGES}", "article"), Right("", "draft article", "it is not read")),
    "article_merge": (Right(f"owner {JUDGES}", "article"), Right("", "draft article", "it is not read")),
    "article_languages": (Right(f"owner {JUDGES}", "article"), Right("", "draft article", "it is not read")),
    "article_pairing": (Right(f"owner {JUDGES}", "article"), Right("", "draft article", "it is not read")),
    "article_parting": (Right(f"owner {JUDGES}", "article"), Right("", "draft article", "it is not read")),
    "article_restoring": (Right(f"owner {JUDGES}", "archived article"), Right("owner", "draft article")),
    "article_versions": (Right(EVERYONE, "article"), Right("owner", "draft article")),
    "article_version_on": (Right(EVERYONE, "article"), Right("owner", "draft article")),
    "article_version": (Right(EVERYONE, "first version"),),
    "article_version_changes": (Right(EVERYONE, "first version"),),
    "article_review": (Right(f"owner {JUDGES}", "article"),),
    "article_minor_change": (Right(JUDGES, "article", "who reviews its topics, and did not write it"),),
    "article_erasing": (
        Right(f"owner {JUDGES} administrator", "article", "RULES 4.10: what went out is taken back"),
        Right("owner", "draft article"),
    ),
    "article_version_restoration": (Right(f"owner {JUDGES}", "article version"),),
    "article_file_removal": (
        Right(
            f"owner {JUDGES} administrator", "file of article", "who may change the text, or erase from it"
        ),
    ),
    "file_new": (Right(WRITERS),),
    "file": (
        Right(EVERYONE, "file", "in a published text"),
        Right("owner", "loose file", "in no text yet: who brought it"),
    ),
    # the help site
    "help": (Right(EVERYONE, why=OPEN),),
    "help_article": (
        Right(EVERYONE, "open page", OPEN),
        Right("", "asked page", "not before it is confirmed"),
    ),
    "help_topic": (Right(EVERYONE, "open topic", OPEN),),
    "help_file": (Right(EVERYONE, "open file", OPEN), Right("", "file", "in no text that is public")),
    "help_contact": (Right(EVERYONE, why=OPEN),),
    "help_messages": (Right(MANAGERS, why="what strangers write is nobody else's"),),
    "help_message": (Right(MANAGERS, "help message"),),
    "help_message_taking": (Right(MANAGERS, "help message"),),
    "help_message_closing": (Right(MANAGERS, "help message"),),
    "help_search": (Right(EVERYONE, why=OPEN),),
    "help_voice": (Right(EVERYONE, "open page", OPEN, sent={"helped": "yes"}),),
    "help_feed": (Right(EVERYONE, why=OPEN),),
    "help_sitemap": (Right(EVERYONE, why=OPEN),),
    "help_elsewhere": (Right("", "nowhere", "there is nothing"),),
    "robots": (Right(EVERYONE, why=OPEN),),
    "article_help_page": (Right(f"owner {JUDGES}", "article", "who may change it asks"),),
    "help_pages": (Right(f"{JUDGES} administrator", why="who looks after knowledge"),),
    "help_pages_export": (Right(f"{JUDGES} administrator", why="as the list; logged"),),
    "help_page": (Right(EVERYONE, "help page", "whoever reads the article"),),
    "help_page_confirmation": (Right(JUDGES, "help page", "a second person; never who wrote it or asks"),),
    "help_page_refusal": (Right(JUDGES, "help page"),),
    "help_page_taking_back": (Right(f"owner {JUDGES} administrator", "help page"),),
    "help_page_withdrawal": (
        Right(f"owner {JUDGES} administrator", "open help page", "to take down is quicker than to put up"),
    ),
    "help_site": (Right("administrator"),),
    # questions
    "questions": (Right(EVERYONE),),
    "questions_export": (Right(f"{JUDGES} administrator", why="who looks after knowledge; logged"),),
    "questions_selection": (Right(EVERYONE, why=ROWS),),
    "questions_selection_topic": (Right(EVERYONE, why=ROWS),),
    "questions_selection_course": (Right(EVERYONE, why=ROWS),),
    "question_new": (Right(WRITERS, why=LOG),),
    "question": (Right(EVERYONE, "question"),),
    "question_edit": (
        Right("owner elsewhere", "question", "elsewhere reviews its topic, schools"),
        Right(f"stranger {JUDGES}", "question of a stranger", "topic reviewers tend to their questions"),
    ),
    "question_experts": (Right("owner", "open question", "whoever asked puts it to experts"),),
    "question_experts_withdrawal": (Right("owner", "open question"),),
    "question_asker": (Right("auditor", "unnamed question", "revealed to an auditor alone, who says so"),),
    "ask_declining": (Right("owner", "ask"),),
    "ask_handing_on": (Right("owner", "ask"),),
    "answer_article": (Right("owner elsewhere", "answer", "its author, and who reviews its topic"),),
    "question_answers": (Right(WRITERS, "question", LOG),),
    "question_best": (Right(f"{TEAM} elsewhere", "question", sent={"answer": "{answer}"}),),
    "question_best_withdrawal": (Right(f"{TEAM} elsewhere", "question", sent={"answer": "{answer}"}),),
    "question_archiving": (Right("owner elsewhere", "question"),),
    "question_restoring": (Right("owner elsewhere", "question"),),
    "question_erasing": (Right(f"{TEAM} elsewhere administrator", "question"),),
    "answer": (Right(EVERYONE, "answer"),),
    "answer_edit": (Right("owner elsewhere", "answer", "elsewhere reviews its topic, schools"),),
    "answer_file_removal": (Right("owner elsewhere administrator", "file of answer"),),
    # people
    "people": (Right(EVERYONE),),
    "people_export": (Right(f"{MANAGERS} administrator", why="managers take their own people; logged"),),
    "person": (Right(EVERYONE, "person"),),
    "knowledge_at_risk": (Right(EVERYONE, why="without the persons, for who leads and reviews nothing"),),
    "topic_map": (Right(EVERYONE),),
    "writing_request": (Right(f"{JUDGES} administrator", sent={"topic": "{topic}", "person": "1"}),),
    "person_edit": (Right("owner", "person", "nobody says it for another"),),
    "hidden_topics": (Right("owner", "person", "nobody hides it for another", sent={"topic": "{topic}"}),),
    "hidden_topic_withdrawal": (Right("owner", "person", OWN, sent={"topic": "{topic}"}),),
    "person_points": (Right("owner", "person", "others see thanks, never sums (RULES 4.3)"),),
    "challenges": (Right(EVERYONE, why="one's own team's alone"),),
    "challenge_new": (Right(MANAGERS, why="for the own team alone"),),
    "challenge": (Right("owner manager", "challenge", "who set it, and their team"),),
    "challenge_withdrawal": (Right("manager", "challenge", "who set it"),),
    "person_badges": (Right("owner", "person", "others see badges, never what is missing"),),
    "person_ranking": (Right("owner", "person", OWN),),
    "person_ranking_withdrawal": (Right("owner", "person", OWN),),
    "endorsements": (Right(WRITERS.replace("owner ", ""), "person", "nobody endorses themselves; " + LOG),),
    "endorsement_withdrawal": (
        Right(EVERYONE, "person", "takes back one's own alone", sent={"topic": "{topic}"}),
    ),
    "absence_new": (
        Right(
            f"{TEAM} administrator",
            "person",
            "oneself, who leads one, who administers: it keeps from reviews",
        ),
    ),
    "absence_withdrawal": (Right(f"{TEAM} administrator", "absence"),),
    "soft_traits": (Right(EVERYONE, "person", READS),),
    "soft_words": (
        Right(WRITERS.replace("owner ", ""), "person", "nobody says it of themselves; " + LOG, sent=SOFT),
    ),
    "soft_word_withdrawal": (
        Right(WRITERS.replace("owner ", ""), "person", "takes back one's own alone", sent=SOFT),
    ),
    "soft_trait_hiding": (Right("owner", "person", "of oneself alone", sent=SOFT),),
    "topics": (Right(EVERYONE),),
    "shelf_map": (Right(EVERYONE),),
    "topic_rule": (Right("administrator", "topic"),),
    "topic_follow": (Right(EVERYONE, "topic", OWN),),
    "topic_follow_withdrawal": (Right(EVERYONE, "topic", OWN),),
    "article_templates": (Right("administrator"),),
    "article_template_new": (Right("administrator"),),
    "article_template": (Right("administrator", "article template"),),
    "article_template_archiving": (Right("administrator", "article template"),),
    "article_template_restoring": (Right("administrator", "article template"),),
    "topic": (Right(EVERYONE, "topic"),),
    # experiences and reviews
    "experiences": (Right(EVERYONE),),
    "experiences_export": (Right(EVERYONE, why="one's own alone; logged"),),
    "experiences_selection": (Right(EVERYONE, why=ROWS),),
    "experiences_selection_topic": (Right(EVERYONE, why=ROWS),),
    "experience_new": (Right(WRITERS, why=LOG),),
    "experience": (
        Right("owner", "draft", "a draft is its author's"),
        Right("owner", "submitted", "its reviewers read it without the author's name, through the review"),
        Right(EVERYONE, "accepted"),
    ),
    "experience_edit": (Right("owner", "draft"), Right("owner", "submitted"), Right("owner", "accepted")),
    "experience_draft": (Right("owner", "draft"), Right("owner", "submitted"), Right("owner", "accepted")),
    "experience_voice": (Right("owner", "draft", "its author, as long as they write on it"),),
    "voice_note_withdrawal": (Right("owner", "voice note", "nobody else hears it"),),
    "experience_contact": (Right("owner", "draft"), Right("owner", "submitted"), Right("owner", "accepted")),
    "experience_co_author": (
        Right("owner", "draft", "whom the author names is asked; the author sees that it is theirs"),
        Right("owner", "submitted"),
        Right("owner", "accepted"),
    ),
    "experience_submission": (
        Right("owner", "draft"),
        Right("owner", "submitted"),
        Right("owner", "accepted"),
    ),
    "experience_withdrawal": (
        Right("owner", "draft"),
        Right("owner", "submitted"),
        Right("owner", "accepted"),
    ),
    "experience_appeal": (Right("owner", "draft"), Right("owner", "submitted"), Right("owner", "accepted")),
    "experience_erasing": (
        Right("", "draft", "its author rewrites it"),
        Right("owner manager administrator", "submitted", "never who judges it: the act bears a name"),
    ),
    "experience_revocation": (
        Right("manager administrator", "accepted"),
        Right("", "submitted", "what is not accepted has nothing to revoke"),
    ),
    "reviews": (Right(EVERYONE, why="an empty queue for those who do not review"),),
    "review": (Right("reviewer", "review", "assigned to them alone"),),
    "review_known": (Right("reviewer", "review", "assigned to them alone"),),
    "review_decline": (Right("reviewer", "review"),),
    "preview": (Right(EVERYONE),),
    # customers
    "customers": (Right(EVERYONE, why=READS),),
    "customers_export": (Right(WRITERS, why=READS + "; every export is logged; an auditor takes none away"),),
    "contacts_export": (
        Right(WRITERS, why=READS + "; the chosen alone, logged; an auditor takes none away"),
    ),
    "contacts_selection": (Right(EVERYONE, why=ROWS),),
    "customers_selection": (Right(EVERYONE, why=ROWS),),
    "customers_selection_owner": (Right(EVERYONE, why=ROWS),),
    "customer_new": (Right(WRITERS, why=LOG),),
    "customer": (Right(EVERYONE, "customer", READS),),
    "customer_edit": (Right(TEAM, "customer"),),
    "customer_owner": (Right(TEAM, "customer"),),
    "customer_archiving": (Right(TEAM, "customer"),),
    "customer_restoring": (Right(TEAM, "customer"),),
    "customer_private": (Right(TEAM, "customer", "asking is logged"),),
    "contact_new": (Right(TEAM, "customer"),),
    "contact_edit": (Right(TEAM, "contact"),),
    "contact_archiving": (Right(TEAM, "contact"),),
    "contact_restoring": (Right(TEAM, "contact"),),
    "contact_private": (Right(TEAM, "contact"),),
    "requests": (Right(EVERYONE, why=READS),),
    "requests_export": (Right(WRITERS, why=READS + "; every export is logged; an auditor takes none away"),),
    "requests_selection": (Right(EVERYONE, why=ROWS),),
    "request": (Right(EVERYONE, "request", READS),),
    "request_new": (Right(WRITERS, "customer", "whoever hears it writes it down"),),
    "request_taking": (Right(WRITERS, "request", LOG),),
    "request_release": (Right("stranger", "taken request", "whoever took it"),),
    "request_articles": (Right(f"{TEAM} stranger", "taken request", "whoever says what was done"),),
    "request_article": (
        Right(
            f"{TEAM} stranger", "taken request", "whoever says what was done", sent={"article": "{article}"}
        ),
    ),
    "request_address": (
        Right("stranger", "taken request", "whoever took what another wrote down goes there"),
    ),
    "request_closing": (Right(f"{TEAM} stranger", "taken request", "whoever took it; who looks after them"),),
    "request_withdrawal": (
        Right(f"{TEAM} elsewhere", "taken request", "whoever wrote it; who looks after the customer"),
    ),
    "paths": (Right(EVERYONE, why="what somebody new does is no secret"),),
    "path_step_new": (Right(f"{MANAGERS} administrator", why="who leads the post; administrators"),),
    "path_step": (Right(EVERYONE, "path step", "what somebody new does is no secret"),),
    "path_step_edit": (Right(f"{MANAGERS} administrator", "path step", "who leads the post"),),
    "path_step_archiving": (Right(f"{MANAGERS} administrator", "path step"),),
    "path_step_restoring": (Right(f"{MANAGERS} administrator", "path step"),),
    "path_step_completion": (Right("owner", "path step", "who is new in the post"),),
    "path_step_question": (Right(WRITERS, "path step", LOG),),
    "newcomers": (Right(EVERYONE, why="of those whom one leads or goes with"),),
    "newcomer": (Right(TEAM, "newcomer", "themselves, who leads them, their mentor"),),
    "newcomer_mentor": (Right("manager", "newcomer", "who leads them"),),
    "post_needs": (Right(EVERYONE, why="what a post needs is no secret"),),
    "post_need_new": (Right("administrator", why="whoever owns a topic, their deputy, administrators"),),
    "post_need_edit": (Right("administrator", "post need"),),
    "post_need_archiving": (Right("administrator", "post need"),),
    "post_need_restoring": (Right("administrator", "post need"),),
    "post_need_asking": (Right(WRITERS, "post need", LOG),),
    "trait_new": (Right(WRITERS, "customer", "of one's own talks; the customer's word the owner notes"),),
    "trait_decision": (
        Right(TEAM, "customer", "who looks after the customer; whoever wrote it down", sent=TALK),
    ),
    "trait_withdrawal": (Right(TEAM, "trait", "who looks after the customer; whoever noted it"),),
    "customer_callers": (Right(EVERYONE, "customer", READS),),
    "deal_callers": (Right(EVERYONE, "deal", READS),),
    "customer_fitting": (Right(EVERYONE, "customer", READS),),
    "deal_fitting": (Right(EVERYONE, "deal", READS),),
    "access_new": (Right(WRITERS, "customer", "asking; where it opens there is nothing to ask"),),
    "access_granting": (Right(TEAM, "access", "who looks after the customer"),),
    "access_refusal": (Right(TEAM, "access"),),
    "access_end": (Right(f"{TEAM} stranger", "access", "who has it; who looks after the customer"),),
    "rights": (Right(EVERYONE, why="who opens what is no secret"),),
    "rights_edit": (Right("administrator"),),
    "interaction_new": (Right(WRITERS, why=LOG),),
    "interaction_log": (Right(WRITERS, "customer", "whoever answered the phone writes it down"),),
    "interaction_edit": (Right("owner", "interaction", "these are its writer's words"),),
    "interaction_archiving": (Right("owner", "interaction"),),
    "interaction_restoring": (Right("owner", "interaction"),),
    "interaction_follow_up": (Right(TEAM, "interaction"),),
    # deals
    "deals": (Right(EVERYONE, why=READS),),
    "deals_export": (Right(WRITERS, why=READS + "; every export is logged; an auditor takes none away"),),
    "deals_selection": (Right(EVERYONE, why=ROWS),),
    "deals_selection_owner": (Right(EVERYONE, why=ROWS),),
    "deal_new": (Right(WRITERS, why=LOG),),
    "deal": (Right(EVERYONE, "deal", READS),),
    "deal_edit": (Right(TEAM, "deal"),),
    "deal_owner": (Right(TEAM, "deal"),),
    "deal_stage": (Right(TEAM, "deal"),),
    "deal_answers": (Right(TEAM, "deal", sent={"answer": "{answer}"}),),
    "deal_articles": (Right(TEAM, "deal"),),
    "deal_article": (Right(TEAM, "deal", sent={"article": "{article}"}),),
    "deal_win": (Right(TEAM, "deal"),),
    "deal_loss": (Right(TEAM, "deal"),),
    "deal_reasons": (Right(TEAM, "won deal"),),
    "deal_reopening": (Right(f"manager {FINANCE}", "deal", "its seller would undo what was counted"),),
    "deal_archiving": (Right(TEAM, "deal"),),
    "deal_restoring": (Right(TEAM, "deal"),),
    "deal_interview": (Right(TEAM, "deal to tell of", "whose debrief it becomes, and who leads them"),),
    "interview": (Right("owner", "interview", "whom it concerns: a debrief is judged blind"),),
    "interview_end": (Right("owner", "interview"),),
    "deal_story": (Right("owner", "won deal", "who worked on it tells it"),),
    "deal_story_begin": (Right("owner", "won deal", "who worked on it tells it"),),
    "deal_payment_new": (Right(f"{TEAM} {FINANCE}", "deal"),),
    "deal_line_reversal": (Right(f"manager {FINANCE}", "line"),),
    "deal_interaction": (Right(WRITERS, "deal", LOG),),
    "deal_customer": (Right(TEAM, "deal"),),
    "deal_shares": (Right(TEAM, "deal"),),
    # learning: a published course, its lessons and exam are Wang's, who leads Li; Li and Chen learn in it
    "learning": (Right(EVERYONE, why=OWN),),
    "courses": (Right(EVERYONE),),
    "courses_export": (Right(f"{JUDGES} administrator", why="who looks after knowledge; logged"),),
    "courses_selection": (Right(EVERYONE, why=ROWS),),
    "courses_selection_owner": (Right(EVERYONE, why=ROWS),),
    "courses_selection_topic": (Right(EVERYONE, why=ROWS),),
    "course_new": (Right(WRITERS, why="everyone may teach what they know"),),
    "course": (
        Right(EVERYONE, "course"),
        Right("manager", "draft course", "nobody else knows of it"),
    ),
    "course_edit": (Right("manager", "course"),),
    "course_publication": (Right("manager", "course"), Right("manager", "draft course")),
    "course_archiving": (Right("manager", "course"),),
    "course_restoring": (Right("manager", "course"),),
    "course_lessons": (Right("manager", "course"),),
    "lesson_new": (Right("manager", "course"),),
    "course_enrolment": (Right(WRITERS, "course"),),
    "course_leaving": (Right("owner", "course", "who is in it"),),
    "course_people": (Right(MANAGERS, "course", "who makes it, and managers for those they lead"),),
    "course_people_export": (Right(MANAGERS, "course", "as the list; logged"),),
    "course_effect": (Right(MANAGERS, "course", SUMS),),
    "exam_new": (Right("manager", "course"),),
    "lesson": (Right(EVERYONE, "lesson"),),
    "lesson_edit": (Right("manager", "lesson"),),
    "lesson_quiz": (Right("owner", "quiz", "who is in the course"),),
    "lesson_completion": (Right("owner", "lesson", "who is in the course"),),
    "observation_new": (
        Right("manager", "role play", "who makes the course, leads the learner, their mentor"),
    ),
    "debate_seat": (Right("owner", "debate", "who is in the course"),),
    "debate_vote": (Right("owner", "debate", "who is in the course"),),
    "debate_round": (Right("manager", "debate"),),
    "lesson_moving": (Right("manager", "lesson"),),
    "lesson_recording_removal": (Right("manager", "lesson"),),
    "observation_recording_removal": (
        Right("manager owner", "observation", "who makes the course, who watched, who is in the recording"),
    ),
    "lesson_removal": (Right("manager", "lesson"),),
    "lesson_restoring": (Right("manager", "lesson"),),
    "lesson_renewal": (Right("manager", "lesson"),),
    "exam": (Right(EVERYONE, "exam", "its rules; what is asked stands in the bank"),),
    "exam_edit": (Right("manager", "exam"),),
    "exam_release": (Right("reviewer", "exam", "of its topic, with no hand in it"),),
    "exam_questions": (Right("manager", "exam", "who reads the bank takes no exam"),),
    "exam_questions_use": (Right("manager", "exam"),),
    "exam_figures": (Right("manager", "exam", "it names the questions"),),
    "exam_topics": (Right(MANAGERS, "exam", "who makes it, and managers for those they lead"),),
    "exam_drafts": (Right("manager", "exam"),),
    "exam_question_new": (Right("manager", "exam"),),
    "exam_questions_file": (Right("manager", "exam"),),
    "attempt_new": (
        Right(
            " ".join(who for who in WRITERS.split() if who != "manager"),
            "exam",
            "not who reads its bank; who is not in the course is told so",
        ),
    ),
    "exam_question_edit": (Right("manager", "exam question"),),
    "exam_question_use": (Right("manager", "exam question"),),
    "exam_question_removal": (Right("manager", "exam question"),),
    "exam_question_check": (Right("manager", "exam question"),),
    "attempt": (Right("owner", "attempt", "nobody opens another's exam, not even who leads them"),),
    "attempt_answer": (Right("owner", "attempt question"),),
    "attempt_handing_in": (Right("owner", "attempt"),),
    "certificates": (Right(EVERYONE, why="anyone here may check a number"),),
    "certificate": (Right(EVERYONE, "certificate", "evidence in the yellow pages"),),
    # products
    "products": (Right(EVERYONE),),
    "products_selection": (Right(EVERYONE, why=ROWS),),
    "product_new": (Right(f"{MANAGERS} administrator"),),
    "product": (Right(EVERYONE, "product"),),
    "product_edit": (Right(f"{MANAGERS} administrator", "product"),),
    "product_archiving": (Right(f"{MANAGERS} administrator", "product"),),
    "product_restoring": (Right(f"{MANAGERS} administrator", "product"),),
    # commission
    "commission": (Right(EVERYONE, why=OWN),),
    "commission_team": (Right(MANAGERS),),
    "statements": (Right(EVERYONE, why="offers only those one may read"),),
    "statement": (
        Right(
            f"{TEAM} {READS_MONEY}",
            "statement of a closed month",
            "the administrator configures, and does not read",
        ),
        Right(f"{TEAM} {READS_MONEY}", "statement of an open month"),
    ),
    "statement_difference": (
        Right(f"{TEAM} {READS_MONEY}", "statement of a closed month"),
        Right(f"{TEAM} {READS_MONEY}", "statement of an open month"),
    ),
    "commission_year": (Right(f"{TEAM} {READS_MONEY}", "year of pay"),),
    "statement_acknowledgement": (Right("owner", "statement"),),
    "statement_handout": (Right(FINANCE, "statement"),),
    "dispute_new": (Right("owner", "statement"),),
    "dispute_of_month": (Right("owner", "statement of a closed month"),),
    "disputes": (Right(EVERYONE, why="lists only those one may read"),),
    "dispute": (Right(f"owner {READS_MONEY}", "dispute"),),
    "dispute_message": (
        Right("owner", "dispute", "finance answers through the resolution, where duties are apart"),
    ),
    "dispute_resolution": (Right("finance", "dispute", "payroll closed the month in question"),),
    "dispute_withdrawal": (Right("owner", "dispute"),),
    "payments": (Right(READS_MONEY),),
    "payments_confirmation": (Right(FINANCE),),
    "payments_bank": (Right(FINANCE),),
    "periods": (Right(READS_MONEY),),
    "period": (Right(READS_MONEY, "open month"), Right(READS_MONEY, "closed month")),
    "period_progress": (Right(READS_MONEY, "open month"),),
    "period_preview": (Right(FINANCE, "open month", LOG),),
    "period_close": (Right(FINANCE, "open month", "the administrator approved the policy it is closed by"),),
    "period_payment": (Right("finance", "closed month", "payroll closed it: paid by a second person"),),
    "period_export": (Right("finance", "closed month", "payroll closed it"),),
    "payroll_columns": (Right(FINANCE),),
    "adjustments": (Right(f"{READS_MONEY} administrator", why="the administrator is a second pair of eyes"),),
    "adjustment_new": (Right(FINANCE),),
    "adjustment_decision": (
        Right("finance administrator", "adjustment", "payroll proposed it", sent={"answer": "approve"}),
    ),
    "policies": (Right(EVERYONE, why="everyone may know how pay is reckoned"),),
    "policy_new": (Right(FINANCE),),
    "policy": (
        Right(EVERYONE, "approved policy"),
        Right(f"{READS_MONEY} administrator", "proposed policy", "not before it is decided"),
    ),
    "policy_edit": (Right(FINANCE, "proposed policy"),),
    "policy_proposal": (Right(FINANCE, "proposed policy"),),
    "policy_return": (Right("finance administrator", "proposed policy", "payroll drafted it"),),
    "policy_approval": (Right("finance administrator", "proposed policy", "payroll drafted it"),),
    "policy_acknowledgement": (
        Right(EVERYONE, "approved policy", "having read it is not deciding it"),
        Right(f"{READS_MONEY} administrator", "proposed policy"),
    ),
}

CALLS = [
    pytest.param(route, method, right, id=f"{method} {route.name} {right.of}".strip())
    for route in routes()
    if isinstance(route, Route)
    for method in sorted((route.methods or set()) - {"HEAD"})
    for right in RIGHTS.get(route.name, ())
]


def _a_challenge(company: Company) -> TeamChallenge:
    Setting.choose("effect.least_people", 1, by=company.person("wang"))
    day = clock.today()
    facts: dict[str, Any] = {"title": "十条经验", "measure": "uses", "first_day": day, "last_day": day}
    return TeamChallenge.pose(by=company.person("wang"), goal=10, **facts)


@pytest.fixture(scope="module")
def records(company: Company) -> dict[str, dict[str, Any]]:
    """The records that the table names, as the parameters of addresses."""
    li, zheng, chen = (company.person(key) for key in ("li", "zheng", "chen"))
    article = Article.get(Article.author == li)
    first = next(iter(history.versions(article)))
    draft = Article.add(by=li, title="草稿", body="还没写完", topics=[], published=False)
    gone = Article.add(by=li, title="旧知识", body="已过时", topics=[Topic.get_by_id(2)], published=True)
    gone.archive(by=li)
    customer = Customer.get(Customer.owner == li)
    customer.edit(by=li, address="朝阳路 7 号")
    contact = Contact.add(customer, by=li, name="王先生", phone="13800001111")
    states = {"draft": "draft", "submitted": "submitted", "accepted": "accepted"}
    written = {
        n: Experience.get((Experience.author == li) & (Experience.state == s)) for n, s in states.items()
    }
    review = Review.waiting_for(zheng).first()
    closed = Period.get(Period.state == "closed")
    statement = Statement.get((Statement.person == li) & (Statement.period == closed))
    assert closed.closed_at
    with clock.moved(closed.closed_at + timedelta(hours=1)):
        dispute = Dispute.open(statement, None, "上月少算了一笔付款，请核对。", by=li)
    question = Question.get(Question.asker == li)
    unanswered = Question.ask(by=li, text="Is the school place free?")
    unnamed = Question.ask(by=li, text="May I say so?", is_anonymous=True)
    doubt = Question.ask(by=chen, text="Is the loan bound?")
    Ask.put(doubt, li, round=1, due_at=clock.now() + timedelta(hours=4))
    ask = Ask.get((Ask.person == li) & (Ask.question == doubt))
    answer = Answer.get(Answer.author == li)
    moved = Deal.get((Deal.owner == li) & Deal.closed_on.is_null())
    moved.move("negotiation" if moved.stage != "negotiation" else "lead", by=li)
    theirs = next(q for q in Question.select().where(Question.asker == chen) if q.tended_by(zheng))
    undecided = Adjustment.select().where(Adjustment.proposed_by == company.person("luo"))[1]
    proposed = Policy.get(Policy.state == "proposed")
    made = Import.begin(
        by=company.person("wang"),
        file=io.BytesIO("客户名称,城市\n甲,北京\n".encode()),
        name="客户.csv",
        kind="customers",
    )
    Alias.remember("place", "Hangzhuo", "Hangzhou", record=None, by=company.person("lin"))
    wu = company.person("wu")
    wish, taken = (CustomerRequest.add(customer, by=wu, text=text) for text in ("一张地图", "一辆车"))
    taken.take(by=chen)
    Job.enqueue("reviews", key="one to look at")
    Letter.invite(li, by=None)
    Notice.tell(li, Phrase("Look."), about=customer)
    SavedSearch.keep(by=li, query="q=学区")
    other = RuleChange.propose("points", {"points.review": 6}, by=company.person("he"), reason="Because")
    own = RuleChange.propose("review", {"review.gap": 20}, by=company.person("zhao"), reason="Because")
    assert other is not None
    assert own is not None
    synonym = Synonym.add(by=company.person("zhao"), words="学区、学位房")
    held, loose = (
        Attachment.bring(Arrived(name, TEXT, name.encode()), by=li) for name in ("费率.txt", "草稿.txt")
    )
    voice = Attachment.bring(Arrived.recorded(io.BytesIO(b"ID3\x04\x00"), "语音.mp3"), by=li)
    for text in (article, answer):
        Enclosure.note(text, held.markdown, by=li)
    Site.choose(by=company.person("zhao"), is_open=True, contact=True)
    asked, shown = _on_the_help_site(li, zheng)
    failure = SearchFailure.create(noun="article", record=article.id, engine="embedded")
    suggestion = proposals.suggest(article, by=chen, title=article.title, body="改过的话。")
    found: dict[str, dict[str, Any]] = {
        "": {},
        "no link": {"token": "none"},
        "words": {"noun": "topics"},
        "logo": {"sha256": Logo.choose(png(), by=company.person("zhao")).sha256},
        "page of rules": {"page": "points"},
        "rule change": {"id": other.id},
        "rule change of one's own": {"id": own.id},
        "word": {"noun": "topics", "id": 1},
        "need": {"id": next(need.id for need in needs(li) if need.kind == "follow-up")},
        "notice": {"id": Notice.of(li).first().id},
        "session": {"id": Session.of(li).first().id},
        "passkey": {
            "id": Passkey.create(
                person=li, name="手机", ident="1", data=as_text(Device().data), handle="1"
            ).id
        },
        "saved search": {"id": SavedSearch.visible_to(li).first().id},
        "import": {"id": made.id},
        "alias": {"id": Alias.get().id},
        "failure": {"id": failure.id},
        "synonym": {"id": synonym.id},
        "word proposal": {"id": WordProposal.create(sought="a", helped="b", people=2).id},
        "person": {"id": li.id},
        "absence": {"id": Absence.note(by=li, person=li, first_day=clock.today(), last_day=clock.today()).id},
        "setback": {"id": Setback.create(work="send letter", noun="letter", record=1).id},
        "job": {"id": Job.select().order_by(Job.id.desc()).first().id},
        "letter": {"id": Letter.select().first().id},
        "article": {"id": article.id},
        "draft article": {"id": draft.id},
        "archived article": {"id": gone.id},
        "article version": {"id": article.id, "version": first.id},
        "first version": {"id": article.id, "number": first.number},
        "experience with article": {"id": article.origin},
        "question": {"id": question.id},
        "question of a stranger": {"id": theirs.id},
        "open question": {"id": unanswered.id},
        "unnamed question": {"id": unnamed.id},
        "ask": {"id": ask.id},
        "answer": {"id": answer.id},
        "file": {"id": held.id},
        "loose file": {"id": loose.id},
        "voice note": {"id": VoiceNote.add(written["draft"], voice, by=li).id},
        "file of article": {"id": article.id, "file": held.id},
        "file of answer": {"id": answer.id, "file": held.id},
        "help page": {"id": asked.id},
        "help message": {"id": HelpMessage.create(reach="a@example.org", text="多少钱？").id},
        "open help page": {"id": shown.id},
        "open page": {"slug": shown.slug},
        "asked page": {"slug": "bei-wen-de"},
        "open file": {"id": shown.files[0]},
        "open topic": {"id": shown.article.topic_ids[0]},
        "nowhere": {"rest": "nowhere"},
        "outcome": {"id": SuggestionOutcome.await_answer(article).id},
        "objection": {"id": Objection.say(article, by=chen, reason="客户不买账").id},
        "article template": {
            "id": ArticleTemplate.add(by=company.person("zhao"), name="周报", body="## 本周").id
        },
        "suggestion": {"id": suggestion.id},
        "comment": {"id": Comment.say(suggestion, by=li, text="为什么？").id},
        "act": {"id": Event.about(moved).first().id},
        "topic": {"id": 1},
        "review": {"id": review.id},
        "customer": {"id": customer.id},
        "contact": {"id": contact.id},
        "interaction": {
            "id": Interaction.get((Interaction.person == li) & Interaction.customer.is_null(False)).id
        },
        "challenge": {"id": _a_challenge(company).id},
        "access": {
            "id": Access.create(
                customer=customer, person=chen, purpose="送货", standing=f"{customer} {chen}"
            ).id
        },
        "trait": {"id": Trait.note(customer, _a_trait(company), by=li).id},
        "post need": {"id": _a_need(company).id},
        "path step": {"id": _a_step(company, li).id},
        "newcomer": {"id": li.id},
        "request": {"id": wish.id},
        "taken request": {"id": taken.id},
        "deal": {"id": Deal.get((Deal.owner == li) & Deal.closed_on.is_null()).id},
        "won deal": {"id": Deal.get((Deal.owner == li) & (Deal.stage == "won")).id},
        "deal to tell of": {"id": undebriefed(li)[0].id},
        "anchor": {"id": _an_anchor(company.person("he"), zheng).id},
        "interview": {"id": _an_interview(li, company.person("huang")).id},
        "line": {"id": DealLine.select().join(Deal).where(Deal.owner == li).first().id},
        "product": {"id": 1},
        "working day": {"id": CalendarDay.choose(date(2026, 12, 31), is_worked=False, by=li).id},
        "statement": {"id": statement.id},
        "statement of a closed month": {"month": str(closed.month), "person": li.id},
        "statement of an open month": {"month": str(closed.month.next), "person": li.id},
        "year of pay": {"year": closed.month.year, "person": li.id},
        "dispute": {"id": dispute.id},
        "open month": {"month": str(closed.month.next)},
        "month, end and reason": {"month": str(closed.month), "stage": "won", "reason": 0},
        "loop line": {"kind": "all", "key": "all"},
        "closed month": {"month": str(closed.month)},
        "adjustment": {"id": undecided.id},
        "approved policy": {"id": Policy.get(Policy.state == "approved").id},
        "proposed policy": {"id": proposed.id},
        **{name: {"id": experience.id} for name, experience in written.items()},
    }
    found |= learning(company)
    talk = Interaction.log(customer, by=li, kind_of="call", text="先看书面流程。")
    company.keep()
    return found | {
        "sent": {
            "answer": Answer.select().where(Answer.question == question).first().id,
            "article": found["article"]["id"],
            "topic": 1,
            "soft": SoftTrait.get(SoftTrait.name == "讲得清楚").id,
            "trait": TraitKind.get(TraitKind.name == "凡事先看书面").id,
            "talk": talk.id,
        }
    }


def _an_anchor(keeper: Person, zheng: Person) -> Anchor:
    facts: dict[str, Any] = dict.fromkeys(("correct", "reusable", "new", "clear", "linked"), 3)
    facts |= {"kind": "question", "topics": [min(zheng.review_topics)], "why": "没有依据。"}
    facts |= {"title": "先问什么", "doubt": "学位还在吗？", "action": "请学校出证明。"}
    return Anchor.write(by=keeper, **facts)


def _an_interview(li: Person, seller: Person) -> Interview:
    deal = undebriefed(li)[0]
    return Interview.create(deal=deal, teller=seller, interviewer=li, by=seller, key="asked of Li")


def _a_need(company: Company) -> PostNeed:
    topic = Topic.get(Topic.name_en == "Viewings")
    facts: dict[str, Any] = {"post": "置业顾问", "stage": "viewing", "topic": topic}
    return PostNeed.add(by=company.person("zhao"), title="怎么收尾", **facts)


def _a_step(company: Company, li: Person) -> PathStep:
    """Of Li's post, who began yesterday."""
    Person.update(hired_on=clock.today() - timedelta(days=1)).where(Person.id == li.id).execute()
    article = Article.get(Article.state == "published")
    return PathStep.add(by=company.person("wang"), post=li.title, day=7, title="读一读", article=article)


def _a_trait(company: Company) -> TraitKind:
    facts = {"name": "凡事先看书面", "purpose": "先准备材料"}
    made = lists.add("traits", by=company.person("zhao"), **facts)
    lists.add("soft-traits", by=company.person("zhao"), name="讲得清楚")
    return cast(TraitKind, made)


def _on_the_help_site(li: Person, zheng: Person) -> tuple[HelpPage, HelpPage]:
    """One page that is asked for, and one that is public, with a file."""
    file = Attachment.bring(Arrived("公开.txt", TEXT, b"public"), by=li)
    topics = [min(zheng.review_topics)]
    written = [
        Article.add(by=li, title=title, body=body, topics=topics)
        for title, body in (("被问的", "想给所有人看。"), ("公开的", file.markdown))
    ]
    while FileText.read_next():  # what was not read yet stays in the house
        pass
    asked, shown = (HelpPage.ask(each, by=li, number=1, sections=[0]).fresh() for each in written)
    shown.confirm(by=zheng, version=shown.version)
    return asked, shown.fresh()


def learning(company: Company) -> dict[str, dict[str, Any]]:
    """A course of Wang's with an exam that Li is taking."""
    li, wang = company.person("li"), company.person("wang")
    topic = Topic.get(Topic.name_en == "Owner Relations")
    course, draft = course_of(wang, topic, articles=1), Course.add(by=wang, title="还没发布")
    exam, lesson = exam_of(course), course.lessons.first()
    Enrolment.enrol(course, li, by=li)
    attempt = Attempt.begin(exam, by=li)
    play, debate = (
        course.add_lesson(by=wang, kind_of=kind, title=kind, text="太贵了！")
        for kind in ("role_play", "debate")
    )
    quiz = course.add_lesson(by=wang, kind_of="quiz", title="quiz", questions="对吗？\n对")
    seen = Observation.note(play, li, by=wang, scores=[5] * len(play.criteria), feedback="好。")
    certificate = Certificate.issue(exam, company.person("lin"), score=9000, asked_at=clock.now())
    return {
        "course": {"id": course.id},
        "draft course": {"id": draft.id},
        "lesson": {"id": lesson.id},
        "role play": {"id": play.id, "learner": li.id},
        "debate": {"id": debate.id},
        "quiz": {"id": quiz.id},
        "observation": {"id": seen.id},
        "exam": {"id": exam.id},
        "exam question": {"id": exam.questions.first().id},
        "attempt": {"id": attempt.id},
        "attempt question": {"id": attempt.id, "place": 1},
        "certificate": {"id": certificate.id},
    }


def test_every_address_is_in_the_table() -> None:
    assert {r.name for r in routes() if isinstance(r, Route)} == set(RIGHTS)


def test_every_role_is_in_the_cast(company: Company) -> None:
    held = {grant.role for key in CAST.values() for grant in company.person(key).grants}
    assert held == {"reviewer", "manager", "finance", "administrator", "auditor"}
    assert company.person("wang").leads(company.person("li"))
    assert not company.person("wu").leads(company.person("li"))


BY_NEED = {
    "trait_new": TEAM,
    "customer_callers": TEAM,
    "deal_callers": f"{TEAM} {FINANCE}",
    "customer_fitting": TEAM,
    "deal_fitting": f"{TEAM} {FINANCE}",
    "interaction_log": TEAM,
    "deal_interaction": f"{TEAM} {FINANCE}",
}
"""Who may in a company that opens customers and deals by need, where that is not who may in an open one."""
IN_FULL = {"customer": TEAM, "deal": f"{TEAM} {FINANCE}"}
"""For whom a page opens in full then (RULES 4.10); everyone else learns that there is such a one."""
OF_CUSTOMERS = {
    "customer",
    "contact",
    "interaction",
    "deal",
    "line",
    "access",
    "request",
    "taken request",
    "trait",
}


def test_by_need_those_may_whose_customer_or_deal_it_is(
    company: Company, records: dict[str, dict[str, Any]]
) -> None:
    choose(by=company.person("zhao"), need=True, full={"customer": [], "deal": []})
    company.keep()
    try:
        for call in CALLS:
            route, method, right = cast(tuple[Route, str, Right], call.values)
            if right.of in OF_CUSTOMERS:
                changed = replace(right, may=BY_NEED.get(route.name, right.may))
                test_only_those_may_who_are_named(company, records, route, method, changed)
        for name, may in IN_FULL.items():
            path = company.app.url_path_for(name, **records[name])
            pages = {role: company.browser(key).get(path).text for role, key in CAST.items()}
            assert {role for role, page in pages.items() if 'class="side-panel"' in page} == set(may.split())
    finally:
        Setting.choose("rights.need", False, by=None)
        company.keep()


@pytest.mark.parametrize(("route", "method", "right"), CALLS)
def test_only_those_may_who_are_named(
    company: Company, records: dict[str, dict[str, Any]], route: Route, method: str, right: Right
) -> None:
    path = company.app.url_path_for(route.name, **records[right.of])
    sent = {name: text.format(**records["sent"]) for name, text in right.sent.items()}
    may, wrong = set(right.may.split()), []
    for role, key in CAST.items():
        answer = company.browser(key).request(method, path, data=sent if method == "POST" else None)
        if answer.status_code not in {200, 204, 303, 403, 404, 409, 422}:
            wrong.append(f"{role} ({key}) gets {answer.status_code}")
        elif (answer.status_code not in {403, 404}) != (role in may):
            wrong.append(
                f"{role} ({key}) {'may' if role in may else 'may not'}, yet gets {answer.status_code}"
            )
        if method == "POST" and answer.status_code < 400:
            company.restore()
    assert not wrong, f"{method} {path}: " + "; ".join(wrong)
