"""The first schema: every table as it stood, apart from the models that have moved on since."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from portal.models.base import guards


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Department(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    name = CharField(120, unique=True)
    name_en = CharField(120)
    parent = ForeignKeyField("self", on_delete="RESTRICT", null=True)

    class Meta:
        table_name = "department"


class Person(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    email = CharField(254, unique=True)
    name = CharField(120)
    name_en = CharField(120)
    sort_name = CharField(240, index=True)
    password_hash = CharField(255)
    title = CharField(120)
    title_en = CharField(120)
    phone = CharField(40)
    employee_no = CharField(40, null=True, unique=True)
    department = ForeignKeyField(Department, on_delete="RESTRICT", null=True)
    manager = ForeignKeyField("self", on_delete="RESTRICT", null=True)
    hired_on = DateField(null=True)
    left_on = DateField(null=True)
    deactivated_at = DateTimeField(null=True)
    locale = CharField(10)
    theme = CharField(10)

    class Meta:
        table_name = "person"
        constraints = [
            SQL("CHECK (locale IN ('zh', 'en'))"),
            SQL("CHECK (theme IN ('auto', 'light', 'dark'))"),
        ]


class CustomerType(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    name = CharField(120, unique=True)
    name_en = CharField(120)
    position = IntegerField()

    class Meta:
        table_name = "customer_type"


class Customer(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    name = CharField(200, index=True)
    name_en = CharField(200)
    sort_name = CharField(400)
    code = CharField(60, null=True, unique=True)
    form = CharField(20)
    type = ForeignKeyField(CustomerType, on_delete="RESTRICT", null=True, index=False)
    owner = ForeignKeyField(Person, on_delete="RESTRICT", null=True, index=False)
    parent = ForeignKeyField("self", on_delete="SET NULL", null=True)
    sector = CharField(120)
    source = CharField(120)
    city = CharField(120)
    website = CharField(200)
    phone = CharField(40)
    email = CharField(254)
    address = CharField(300)
    revenue = BigIntegerField(null=True)
    employees = IntegerField(null=True)
    founded = IntegerField(null=True)
    note = TextField()
    archived_at = DateTimeField(null=True)

    class Meta:
        table_name = "customer"
        indexes = (
            (("sort_name", "id"), False),
            (("updated_at", "id"), False),
            (("owner", "sort_name", "id"), False),
            (("owner", "updated_at", "id", "archived_at"), False),
            (("type", "sort_name", "id"), False),
            (("type", "updated_at", "id", "archived_at"), False),
        )
        constraints = [
            SQL("CHECK (form IN ('organisation', 'person'))"),
        ]


class Product(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    code = CharField(60, unique=True)
    name = CharField(200)
    name_en = CharField(200)
    series = CharField(120)
    list_price = BigIntegerField(null=True)
    description = TextField()
    archived_at = DateTimeField(null=True)
    currency = CharField(3)

    class Meta:
        table_name = "product"
        indexes = (
            (("name", "id"), False),
            (("list_price", "id"), False),
            (("series", "code", "id"), False),
        )
        constraints = [
            SQL("CHECK (list_price IS NULL OR list_price >= 0)"),
        ]


class Deal(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    code = CharField(60, null=True, unique=True)
    title = CharField(200)
    customer = ForeignKeyField(Customer, on_delete="RESTRICT", null=True, index=False)
    product = ForeignKeyField(Product, on_delete="RESTRICT", null=True, index=False)
    owner = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    stage = CharField(20)
    amount = BigIntegerField(null=True)
    engaged_on = DateField(null=True)
    expected_on = DateField(null=True)
    closed_on = DateField(null=True)
    lost_reason = CharField(300)
    competitor = CharField(200)
    note = TextField()
    archived_at = DateTimeField(null=True)

    class Meta:
        table_name = "deal"
        indexes = (
            (("updated_at", "id"), False),
            (("amount", "id"), False),
            (("expected_on", "id"), False),
            (("stage", "updated_at", "id", "archived_at"), False),
            (("stage", "amount", "id"), False),
            (("owner", "updated_at", "id"), False),
            (("customer", "updated_at", "id"), False),
            (("product", "updated_at", "id", "stage", "closed_on"), False),
        )
        constraints = [
            SQL("CHECK (stage IN ('lead', 'engaged', 'viewing', 'negotiation', 'won', 'lost'))"),
            SQL("CHECK ((stage IN ('won', 'lost')) = (closed_on IS NOT NULL))"),
            SQL("CHECK (amount IS NULL OR amount >= 0)"),
        ]


class Experience(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    author = ForeignKeyField(Person, on_delete="RESTRICT")
    kind_of = CharField(20, column_name="kind")
    state = CharField(20)
    title = CharField(200)
    situation = TextField()
    doubt = TextField()
    action = TextField()
    outcome = TextField()
    lesson = TextField()
    deal = ForeignKeyField(Deal, on_delete="SET NULL", null=True)
    product = ForeignKeyField(Product, on_delete="SET NULL", null=True)
    customer_type = ForeignKeyField(CustomerType, on_delete="SET NULL", null=True)
    co_authors = JSONField()
    key = CharField(80, null=True, unique=True)
    round = IntegerField()
    first_submitted_at = DateTimeField(null=True)
    submitted_at = DateTimeField(null=True)
    decided_at = DateTimeField(null=True)
    revision_asked_at = DateTimeField(null=True)
    appeal_round = IntegerField(null=True)
    appeal_reason = TextField()
    score = IntegerField(null=True)
    reason = TextField()
    merged_into = ForeignKeyField("self", on_delete="SET NULL", null=True)
    near = ForeignKeyField("self", on_delete="SET NULL", null=True)

    class Meta:
        table_name = "experience"
        indexes = (
            (("author", "state"), False),
            (("state", "submitted_at"), False),
            (("first_submitted_at", "author"), False),
        )
        constraints = [
            SQL("CHECK (kind IN ('debrief', 'question', 'suggestion'))"),
            SQL(
                "CHECK (state IN ('draft', 'submitted', 'revision', 'accepted', 'rejected', 'merged', 'withdrawn'))"
            ),
            SQL("CHECK (state = 'draft' OR state = 'withdrawn' OR first_submitted_at IS NOT NULL)"),
        ]


class Acceptance(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    experience = ForeignKeyField(Experience, on_delete="RESTRICT", unique=True)
    at = DateTimeField(index=True)
    score = IntegerField()
    counts = IntegerField()

    class Meta:
        table_name = "acceptance"


class Job(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    name = CharField(60)
    facts = JSONField()
    state = CharField(10)
    run_at = DateTimeField()
    leased_until = DateTimeField(null=True)
    attempts = IntegerField()
    key = CharField(120, null=True, unique=True)
    done = IntegerField()
    total = IntegerField()
    error = TextField()
    finished_at = DateTimeField(null=True)

    class Meta:
        table_name = "job"
        indexes = ((("state", "run_at"), False),)
        constraints = [
            SQL("CHECK (state IN ('waiting', 'running', 'finished', 'dead'))"),
        ]


class Period(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    month = CharField(7, unique=True)
    state = CharField(10)
    job = ForeignKeyField(Job, on_delete="SET NULL", null=True)
    previewed_at = DateTimeField(null=True)
    previewed_by = ForeignKeyField(Person, on_delete="RESTRICT", null=True)
    closed_at = DateTimeField(null=True)
    closed_by = ForeignKeyField(Person, on_delete="RESTRICT", null=True)
    paid_at = DateTimeField(null=True)
    paid_by = ForeignKeyField(Person, on_delete="RESTRICT", null=True)
    people = IntegerField()
    total = BigIntegerField()
    bonus = BigIntegerField()
    digest = CharField(64)

    class Meta:
        table_name = "period"
        constraints = [
            SQL("CHECK (state IN ('open', 'preview', 'closed', 'paid'))"),
            SQL("CHECK ((state IN ('closed', 'paid')) = (closed_at IS NOT NULL))"),
            SQL("CHECK ((state = 'paid') = (paid_at IS NOT NULL))"),
            SQL("CHECK (paid_by_id IS NULL OR paid_by_id <> closed_by_id)"),
        ]


class Policy(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    name = CharField(120)
    department = ForeignKeyField(Department, on_delete="RESTRICT", null=True)
    effective_from = CharField(7)
    state = CharField(10)
    base_rate = BigIntegerField()
    rates = JSONField()
    tiers = JSONField()
    operator = CharField(2)
    count_by = CharField(20)
    bonus_mode = CharField(20)
    earn_trigger = CharField(20)
    preview_working_day = IntegerField()
    close_working_day = IntegerField()
    revocation_months = IntegerField()
    max_recovery_share = BigIntegerField()
    base_wage = BigIntegerField()
    minimum_wage = BigIntegerField()
    proration = BooleanField()
    counts_after_leaving = BooleanField()
    requires = JSONField()
    recovery_text = TextField()
    note = TextField()
    drafted_by = ForeignKeyField(Person, on_delete="RESTRICT")
    proposed_by = ForeignKeyField(Person, on_delete="RESTRICT", null=True)
    proposed_at = DateTimeField(null=True)
    back_test = JSONField()

    class Meta:
        table_name = "policy"
        indexes = ((("state", "effective_from"), False),)
        constraints = [
            SQL("CHECK (state IN ('draft', 'proposed', 'approved'))"),
            SQL("CHECK (operator IN ('>=', '>'))"),
            SQL("CHECK (count_by IN ('submitted_at', 'decided_at'))"),
            SQL("CHECK (bonus_mode IN ('percentage_points', 'relative_percent'))"),
            SQL("CHECK (earn_trigger IN ('contract', 'delivery', 'invoice', 'payment'))"),
            SQL("CHECK (base_rate >= 0 AND base_rate <= 1000000)"),
            SQL("CHECK (max_recovery_share >= 0 AND max_recovery_share <= 1000000)"),
        ]


class Statement(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    period = ForeignKeyField(Period, on_delete="RESTRICT", index=False)
    month = CharField(7)
    person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    payee_no = CharField(40)
    payee_name = CharField(120)
    policy = ForeignKeyField(Policy, on_delete="RESTRICT", null=True)
    counted = IntegerField()
    threshold = IntegerField()
    bonus_rate = BigIntegerField()
    base = BigIntegerField()
    bonus = BigIntegerField()
    total = BigIntegerField()
    inputs = JSONField()
    digest = CharField(64)

    class Meta:
        table_name = "statement"
        indexes = (
            (("period", "person"), True),
            (("person", "month"), False),
            (("period", "total", "id"), False),
            (("period", "payee_name", "id"), False),
        )
        constraints = [
            SQL("CHECK (total >= 0)"),
        ]


class Acknowledgement(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    statement = ForeignKeyField(Statement, on_delete="RESTRICT", unique=True)
    at = DateTimeField()

    class Meta:
        table_name = "acknowledgement"


class Adjustment(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    month = CharField(7)
    amount = BigIntegerField()
    reason = CharField(500)
    proposed_by = ForeignKeyField(Person, on_delete="RESTRICT")
    key = CharField(60, null=True, unique=True)

    class Meta:
        table_name = "adjustment"
        indexes = ((("month", "person"), False),)
        constraints = [
            SQL("CHECK (amount <> 0)"),
            SQL("CHECK (person_id <> proposed_by_id)"),
        ]


class AdjustmentDecision(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    adjustment = ForeignKeyField(Adjustment, on_delete="RESTRICT", unique=True)
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    approved = BooleanField()
    at = DateTimeField()

    class Meta:
        table_name = "adjustment_decision"


class Alias(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    noun = CharField(20)
    key = CharField(200)
    spelling = CharField(200)
    record = BigIntegerField(null=True)
    meaning = CharField(200)
    by = ForeignKeyField(Person, on_delete="SET NULL", null=True)

    class Meta:
        table_name = "alias"
        indexes = ((("noun", "key"), True),)


class Topic(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    name = CharField(120, unique=True)
    name_en = CharField(120)
    parent = ForeignKeyField("self", on_delete="RESTRICT", null=True)
    position = IntegerField()
    archived_at = DateTimeField(null=True)

    class Meta:
        table_name = "topic"


class Question(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    text = CharField(300)
    detail = TextField()
    asker = ForeignKeyField(Person, on_delete="RESTRICT")
    topic = ForeignKeyField(Topic, on_delete="RESTRICT", null=True)
    product = ForeignKeyField(Product, on_delete="SET NULL", null=True)
    state = CharField(20)
    archived_at = DateTimeField(null=True)

    class Meta:
        table_name = "question"
        indexes = (
            (("created_at", "id"), False),
            (("text", "id"), False),
            (("state", "created_at", "id"), False),
            (("topic", "created_at", "id"), False),
            (("product", "created_at", "id"), False),
        )
        constraints = [
            SQL("CHECK (state IN ('open', 'answered'))"),
        ]


class Article(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    title = CharField(200)
    slug = CharField(120, unique=True)
    kind_of = CharField(20, column_name="kind")
    state = CharField(20)
    author = ForeignKeyField(Person, on_delete="RESTRICT")
    experience = ForeignKeyField(Experience, on_delete="RESTRICT", null=True, unique=True)
    product = ForeignKeyField(Product, on_delete="SET NULL", null=True, index=False)
    customer_type = ForeignKeyField(CustomerType, on_delete="SET NULL", null=True, index=False)
    summary = TextField()
    body = TextField()
    html = TextField()
    language = CharField(10)
    freshness = CharField(20)
    review_by = DateField(null=True)
    uses = IntegerField()
    published_at = DateTimeField(null=True)
    archived_at = DateTimeField(null=True)

    class Meta:
        table_name = "article"
        indexes = (
            (("state", "published_at", "id"), False),
            (("state", "uses", "id"), False),
            (("state", "title", "id"), False),
            (("product", "state", "uses", "published_at", "id"), False),
            (("customer_type", "state", "uses", "published_at", "id"), False),
            (("author", "state", "published_at", "id"), False),
        )
        constraints = [
            SQL("CHECK (kind IN ('guide', 'experience', 'answer', 'suggestion'))"),
            SQL("CHECK (state IN ('draft', 'published', 'archived'))"),
            SQL("CHECK (language IN ('zh', 'en'))"),
            SQL("CHECK (freshness IN ('price', 'product', 'process', 'evergreen', 'dated'))"),
            SQL("CHECK (uses >= 0)"),
        ]


class Answer(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    question = ForeignKeyField(Question, on_delete="CASCADE")
    author = ForeignKeyField(Person, on_delete="RESTRICT")
    text = TextField()
    html = TextField()
    article = ForeignKeyField(Article, on_delete="SET NULL", null=True)

    class Meta:
        table_name = "answer"


class ArticleTopic(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    article = ForeignKeyField(Article, on_delete="CASCADE")
    topic = ForeignKeyField(Topic, on_delete="RESTRICT")

    class Meta:
        table_name = "article_topic"
        indexes = (
            (("article", "topic"), True),
            (("topic", "article"), False),
        )


class ArticleVersion(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    article = ForeignKeyField(Article, on_delete="CASCADE")
    number = IntegerField()
    title = CharField(200)
    body = TextField()
    by = ForeignKeyField(Person, on_delete="RESTRICT", null=True)
    at = DateTimeField()

    class Meta:
        table_name = "article_version"
        indexes = ((("article", "number"), True),)


class Attachment(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    name = CharField(200)
    size = BigIntegerField()
    sha256 = CharField(64, index=True)
    path = CharField(120)
    by = ForeignKeyField(Person, on_delete="SET NULL", null=True)

    class Meta:
        table_name = "attachment"


class BestAnswer(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    question = ForeignKeyField(Question, on_delete="CASCADE")
    customer_type = ForeignKeyField(CustomerType, on_delete="CASCADE", null=True)
    scope = CharField(40)
    answer = ForeignKeyField(Answer, on_delete="CASCADE")
    chosen_by = ForeignKeyField(Person, on_delete="RESTRICT")
    at = DateTimeField()

    class Meta:
        table_name = "best_answer"
        indexes = ((("question", "scope"), True),)


class Contact(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    customer = ForeignKeyField(Customer, on_delete="CASCADE")
    name = CharField(120)
    title = CharField(120)
    phone = CharField(40)
    email = CharField(254)
    note = TextField()
    decides = BooleanField()
    reports_to = ForeignKeyField("self", on_delete="SET NULL", null=True)
    archived_at = DateTimeField(null=True)

    class Meta:
        table_name = "contact"


class Credit(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    experience = ForeignKeyField(Experience, on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    share = BigIntegerField()

    class Meta:
        table_name = "credit"
        indexes = (
            (("experience", "person"), True),
            (("person", "experience"), False),
        )
        constraints = [
            SQL("CHECK (share > 0 AND share <= 1000000)"),
        ]


class DealLine(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    deal = ForeignKeyField(Deal, on_delete="RESTRICT", index=False)
    trigger = CharField(20)
    on = DateField()
    amount = BigIntegerField()
    reverses = ForeignKeyField("self", on_delete="RESTRICT", null=True, unique=True)
    reason = CharField(300)
    recorded_by = ForeignKeyField(Person, on_delete="RESTRICT", null=True)
    key = CharField(60, null=True, unique=True)

    class Meta:
        table_name = "deal_line"
        indexes = (
            (("trigger", "on", "id"), False),
            (("deal", "trigger"), False),
        )
        constraints = [
            SQL("CHECK (trigger IN ('contract', 'delivery', 'invoice', 'payment'))"),
            SQL("CHECK ((reverses_id IS NULL) = (amount >= 0))"),
        ]


class DealShare(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    deal = ForeignKeyField(Deal, on_delete="CASCADE", index=False)
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    share = BigIntegerField()

    class Meta:
        table_name = "deal_share"
        indexes = ((("deal", "person"), True),)
        constraints = [
            SQL("CHECK (share > 0 AND share <= 1000000)"),
        ]


class Line(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    statement = ForeignKeyField(Statement, on_delete="RESTRICT", index=False)
    person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    position = IntegerField()
    kind_of = CharField(12, column_name="kind")
    about = CharField(7)
    deal_line = ForeignKeyField(DealLine, on_delete="RESTRICT", null=True)
    base = BigIntegerField(null=True)
    share = BigIntegerField()
    rate = BigIntegerField()
    bonus_rate = BigIntegerField()
    bonus_mode = CharField(20)
    amount = BigIntegerField()
    bonus = BigIntegerField()
    policy = ForeignKeyField(Policy, on_delete="RESTRICT", null=True, index=False)
    adjustment = ForeignKeyField(Adjustment, on_delete="RESTRICT", null=True, unique=True)
    why = CharField(600)
    why_values = JSONField()
    experiences = JSONField()
    key = CharField(120, unique=True)

    class Meta:
        table_name = "line"
        indexes = (
            (("statement", "position"), True),
            (("person", "about"), False),
        )
        constraints = [
            SQL("CHECK (kind IN ('deal', 'reversal', 'true-up', 'adjustment', 'carry'))"),
            SQL("CHECK ((kind = 'adjustment') = (adjustment_id IS NOT NULL))"),
        ]


class Dispute(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    statement = ForeignKeyField(Statement, on_delete="RESTRICT")
    line = ForeignKeyField(Line, on_delete="RESTRICT", null=True)
    opened_by = ForeignKeyField(Person, on_delete="RESTRICT")
    state = CharField(20)
    due_at = DateTimeField()
    resolved_by = ForeignKeyField(Person, on_delete="RESTRICT", null=True)
    resolved_at = DateTimeField(null=True)
    adjustment = ForeignKeyField(Adjustment, on_delete="RESTRICT", null=True)
    standing = CharField(60, null=True, unique=True)

    class Meta:
        table_name = "dispute"
        indexes = ((("state", "due_at"), False),)
        constraints = [
            SQL("CHECK (state IN ('open', 'info needed', 'upheld', 'rejected', 'withdrawn'))"),
        ]


class DisputeMessage(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    dispute = ForeignKeyField(Dispute, on_delete="RESTRICT")
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    text = TextField()

    class Meta:
        table_name = "dispute_message"


class Endorsement(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    topic = ForeignKeyField(Topic, on_delete="CASCADE")
    by = ForeignKeyField(Person, on_delete="CASCADE")
    at = DateTimeField()

    class Meta:
        table_name = "endorsement"
        indexes = ((("person", "topic", "by"), True),)
        constraints = [
            SQL("CHECK (person_id <> by_id)"),
        ]


class Event(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    at = DateTimeField()
    actor = BigIntegerField(null=True, index=True)
    subject_kind = CharField(40)
    subject = BigIntegerField()
    verb = CharField(60)
    customer = BigIntegerField(null=True)
    changes = JSONField()
    request = CharField(40)

    class Meta:
        table_name = "event"
        indexes = (
            (("subject_kind", "subject", "id"), False),
            (("customer", "at", "id"), False),
        )


class Evidence(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    topic = ForeignKeyField(Topic, on_delete="CASCADE")
    kind_of = CharField(40, column_name="kind")
    quality = IntegerField()
    subject_kind = CharField(40)
    subject = BigIntegerField()
    key = CharField(160, unique=True)
    at = DateTimeField()
    withdrawn_at = DateTimeField(null=True)

    class Meta:
        table_name = "evidence"
        indexes = (
            (("topic", "person"), False),
            (("person", "at"), False),
            (("subject_kind", "subject"), False),
        )
        constraints = [
            SQL("CHECK (quality >= 0 AND quality <= 10000)"),
        ]


class ExperienceGram(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    experience = ForeignKeyField(Experience, on_delete="CASCADE")
    gram = BigIntegerField()

    class Meta:
        table_name = "experience_gram"
        indexes = ((("gram", "experience"), False),)


class ExperienceTopic(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    experience = ForeignKeyField(Experience, on_delete="CASCADE")
    topic = ForeignKeyField(Topic, on_delete="RESTRICT")

    class Meta:
        table_name = "experience_topic"
        indexes = ((("experience", "topic"), True),)


class Gap(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    folded = CharField(200, unique=True)
    text = CharField(200)
    state = CharField(20)
    question = ForeignKeyField(Question, on_delete="SET NULL", null=True)
    article = ForeignKeyField(Article, on_delete="SET NULL", null=True)
    by = ForeignKeyField(Person, on_delete="SET NULL", null=True)
    answered_at = DateTimeField(null=True)

    class Meta:
        table_name = "gap"
        constraints = [
            SQL("CHECK (state IN ('open', 'answered', 'dismissed'))"),
        ]


class Import(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    holds = CharField(20)
    attachment = ForeignKeyField(Attachment, on_delete="RESTRICT")
    sheet = CharField(200)
    state = CharField(10)
    columns = JSONField()
    choices = JSONField()
    report = JSONField()
    counts = JSONField()
    rows = IntegerField()
    job = ForeignKeyField(Job, on_delete="SET NULL", null=True)
    by = ForeignKeyField(Person, on_delete="SET NULL", null=True, index=False)
    finished_at = DateTimeField(null=True)

    class Meta:
        table_name = "import"
        indexes = ((("by", "id"), False),)
        constraints = [
            SQL(
                "CHECK (state IN ('uploaded', 'checking', 'checked', 'running', 'finished', 'failed', 'undoing', 'undone'))"
            ),
        ]


class ImportRow(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    imported = ForeignKeyField(Import, on_delete="CASCADE", index=False)
    row = IntegerField()
    outcome = CharField(10)
    noun = CharField(40)
    record = BigIntegerField(null=True)
    version = IntegerField(null=True)
    why = JSONField(null=True)
    before = JSONField(null=True)
    undone = CharField(10)

    class Meta:
        table_name = "import_row"
        indexes = (
            (("imported", "row"), True),
            (("noun", "record"), False),
        )
        constraints = [
            SQL("CHECK (outcome IN ('created', 'updated', 'unchanged', 'rejected'))"),
        ]


class Interaction(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    customer = ForeignKeyField(Customer, on_delete="CASCADE", index=False)
    contact = ForeignKeyField(Contact, on_delete="SET NULL", null=True)
    person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    deal = BigIntegerField(null=True)
    kind_of = CharField(20, column_name="kind")
    text = TextField()
    at = DateTimeField()
    follow_up_on = DateField(null=True)
    followed_up_at = DateTimeField(null=True)
    key = CharField(60, null=True, unique=True)

    class Meta:
        table_name = "interaction"
        indexes = (
            (("customer", "at", "id"), False),
            (("person", "at"), False),
            (("deal", "at", "id"), False),
            (("person", "followed_up_at", "follow_up_on"), False),
        )
        constraints = [
            SQL("CHECK (kind IN ('call', 'visit', 'message', 'mail', 'viewing', 'note'))"),
        ]


class Letter(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    purpose = CharField(20)
    sent_at = DateTimeField(null=True)
    error = TextField()

    class Meta:
        table_name = "letter"
        constraints = [
            SQL("CHECK (purpose IN ('reset', 'invitation'))"),
        ]


class Lookup(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    text = CharField(200)
    folded = CharField(200)
    found = IntegerField()
    opened = BooleanField()
    at = DateTimeField()

    class Meta:
        table_name = "lookup"
        indexes = (
            (("folded", "at"), False),
            (("at",), False),
            (("person", "at"), False),
        )


class Notice(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    text = TextField()
    values = JSONField()
    url = CharField(300)
    key = CharField(160, null=True, unique=True)
    at = DateTimeField()
    read_at = DateTimeField(null=True)
    subject_kind = CharField(40)
    subject = BigIntegerField(null=True)

    class Meta:
        table_name = "notice"
        indexes = ((("person", "read_at", "id"), False),)


class PointEntry(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    amount = IntegerField()
    reason = CharField(40)
    subject_kind = CharField(40)
    subject = BigIntegerField()
    key = CharField(120, unique=True)
    reverses = ForeignKeyField("self", on_delete="RESTRICT", null=True, unique=True)
    at = DateTimeField()

    class Meta:
        table_name = "point_entry"
        indexes = (
            (("person", "at"), False),
            (("at", "person"), False),
        )
        constraints = [
            SQL("CHECK ((reverses_id IS NULL AND amount > 0) OR (reverses_id IS NOT NULL AND amount < 0))"),
        ]


class PolicyAcknowledgement(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    policy = ForeignKeyField(Policy, on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="CASCADE")

    class Meta:
        table_name = "policy_acknowledgement"
        indexes = ((("policy", "person"), True),)


class PolicyApproval(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    policy = ForeignKeyField(Policy, on_delete="RESTRICT", unique=True)
    scope = CharField(60)
    effective_from = CharField(7)
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    at = DateTimeField()

    class Meta:
        table_name = "policy_approval"
        indexes = ((("scope", "effective_from"), True),)


class Review(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    experience = ForeignKeyField(Experience, on_delete="CASCADE")
    round = IntegerField()
    reviewer = ForeignKeyField(Person, on_delete="RESTRICT")
    due_at = DateTimeField()
    correct = IntegerField(null=True)
    reusable = IntegerField(null=True)
    new = IntegerField(null=True)
    clear = IntegerField(null=True)
    linked = IntegerField(null=True)
    verdict = CharField(20, null=True)
    into = ForeignKeyField(Experience, on_delete="SET NULL", null=True)
    hard_fail = CharField(20)
    comment = TextField()
    completed_at = DateTimeField(null=True)
    declined_at = DateTimeField(null=True)
    passed_on = CharField(20)
    is_panel_lead = IntegerField()
    since = DateTimeField()

    class Meta:
        table_name = "review"
        indexes = (
            (("experience", "round", "reviewer"), True),
            (("reviewer", "completed_at"), False),
        )
        constraints = [
            SQL("CHECK (verdict IS NULL OR verdict IN ('accept', 'revise', 'reject', 'merge'))"),
            SQL("CHECK (hard_fail IN ('', 'privacy', 'duplicate', 'not checkable'))"),
            SQL("CHECK (passed_on IN ('', 'conflict', 'late'))"),
            SQL("CHECK ((completed_at IS NULL) = (verdict IS NULL))"),
            SQL("CHECK (completed_at IS NULL OR declined_at IS NULL)"),
        ]


class Revocation(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    acceptance = ForeignKeyField(Acceptance, on_delete="RESTRICT", unique=True)
    reason = CharField(40)
    note = TextField()
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    at = DateTimeField()

    class Meta:
        table_name = "revocation"
        constraints = [
            SQL(
                "CHECK (reason IN ('plagiarism', 'false', 'privacy breach', 'conflict of interest', 'superseded', 'product ended'))"
            ),
        ]


class RoleGrant(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    role = CharField(20)
    topic = ForeignKeyField(Topic, on_delete="CASCADE", null=True)
    department = ForeignKeyField(Department, on_delete="CASCADE", null=True)
    scope = CharField(60)
    granted_by = ForeignKeyField(Person, on_delete="SET NULL", null=True)

    class Meta:
        table_name = "role_grant"
        indexes = ((("person", "role", "scope"), True),)
        constraints = [
            SQL("CHECK (role IN ('reviewer', 'manager', 'finance', 'administrator', 'auditor'))"),
        ]


class SavedSearch(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    name = CharField(120)
    query = CharField(600)
    checked_at = DateTimeField()
    seen = BigIntegerField()

    class Meta:
        table_name = "saved_search"
        indexes = ((("person", "query"), True),)


class SearchCursor(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    engine = CharField(40, unique=True)
    seq = BigIntegerField()
    kept_from = BigIntegerField(null=True)
    holder = CharField(120)
    held_until = DateTimeField(null=True)
    failures = IntegerField()
    error = TextField()
    failed_at = DateTimeField(null=True)
    retry_at = DateTimeField(null=True)
    fed_at = DateTimeField(null=True)

    class Meta:
        table_name = "search_cursor"


class SearchDocument(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    noun = CharField(40)
    record = BigIntegerField()
    revision = BigIntegerField(index=True)
    stamp = CharField(32)
    title = TextField()
    data = JSONField()
    gone = BooleanField()
    changed_at = DateTimeField()

    class Meta:
        table_name = "search_document"
        indexes = ((("noun", "record"), True),)


class SearchEntry(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    name = CharField(90, unique=True)
    document = ForeignKeyField(SearchDocument, on_delete="CASCADE")
    stamp = CharField(32)
    data = JSONField()

    class Meta:
        table_name = "search_entry"


class SearchFailure(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    noun = CharField(40)
    record = BigIntegerField()
    engine = CharField(40)
    attempts = IntegerField()
    error = TextField()
    at = DateTimeField()
    retry_at = DateTimeField(null=True)

    class Meta:
        table_name = "search_failure"
        indexes = ((("noun", "record", "engine"), True),)


class SearchOutbox(Table):
    seq = BigAutoField()
    kind = CharField(40)
    record = BigIntegerField()
    at = DateTimeField()

    class Meta:
        table_name = "search_outbox"


class Session(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    digest = CharField(64, unique=True)
    person = ForeignKeyField(Person, on_delete="CASCADE")
    seen_at = DateTimeField()
    address = CharField(64)
    browser = CharField(200)

    class Meta:
        table_name = "session"


class Setting(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    name = CharField(80, unique=True)
    value = JSONField()

    class Meta:
        table_name = "setting"


class SignInFailure(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    account = CharField(64, index=True)
    address = CharField(64, index=True)
    at = DateTimeField(index=True)

    class Meta:
        table_name = "sign_in_failure"


class Synonym(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    words = CharField(500)

    class Meta:
        table_name = "synonym"


class Use(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    article = ForeignKeyField(Article, on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    at = DateTimeField()

    class Meta:
        table_name = "use"
        indexes = ((("article", "person"), True),)


GUARDS = (
    (
        "period",
        "UPDATE",
        (
            "OLD.state = 'paid' OR (OLD.state = 'closed' AND NOT (NEW.state = 'paid' AND NEW.month = "
            "OLD.month AND NEW.closed_at = OLD.closed_at AND NEW.closed_by_id = OLD.closed_by_id AND "
            "NEW.people = OLD.people AND NEW.total = OLD.total AND NEW.bonus = OLD.bonus AND NEW.digest = "
            "OLD.digest))"
        ),
    ),
    ("period", "DELETE", "OLD.state IN ('closed', 'paid')"),
    ("policy", "UPDATE", "OLD.state = 'approved'"),
    ("policy", "DELETE", "OLD.state = 'approved'"),
    ("statement", "UPDATE", "(SELECT state FROM period WHERE id = OLD.period_id) IN ('closed', 'paid')"),
    ("statement", "DELETE", "(SELECT state FROM period WHERE id = OLD.period_id) IN ('closed', 'paid')"),
    ("statement", "INSERT", "(SELECT state FROM period WHERE id = NEW.period_id) IN ('closed', 'paid')"),
    ("adjustment", "UPDATE", "TRUE"),
    ("adjustment", "DELETE", "TRUE"),
    ("adjustment_decision", "UPDATE", "TRUE"),
    ("adjustment_decision", "DELETE", "TRUE"),
    ("line", "UPDATE", "TRUE"),
    ("line", "DELETE", "TRUE"),
    (
        "line",
        "INSERT",
        (
            "(SELECT period.state FROM statement JOIN period ON period.id = statement.period_id WHERE "
            "statement.id = NEW.statement_id) IN ('closed', 'paid')"
        ),
    ),
    ("policy_approval", "UPDATE", "TRUE"),
    ("policy_approval", "DELETE", "TRUE"),
)
"""Rows that the database itself keeps from changing: table, statement, condition."""


INDEXES = (
    (
        'CREATE INDEX IF NOT EXISTS "customer_archived_by_sort_name" ON "customer" ("sort_name", "id", '
        '"archived_at") WHERE ("archived_at" IS NOT NULL)'
    ),
    (
        'CREATE INDEX IF NOT EXISTS "customer_unowned_by_sort_name" ON "customer" ("sort_name", "id", '
        '"archived_at") WHERE ("owner_id" IS NULL)'
    ),
    (
        'CREATE INDEX IF NOT EXISTS "customer_archived_by_updated_at" ON "customer" ("updated_at", "id", '
        '"archived_at") WHERE ("archived_at" IS NOT NULL)'
    ),
    (
        'CREATE INDEX IF NOT EXISTS "customer_unowned_by_updated_at" ON "customer" ("updated_at", "id", '
        '"archived_at") WHERE ("owner_id" IS NULL)'
    ),
    (
        'CREATE INDEX IF NOT EXISTS "deal_closed_by_closed_on" ON "deal" ("closed_on", "id") WHERE '
        '("closed_on" IS NOT NULL)'
    ),
    (
        'CREATE INDEX IF NOT EXISTS "deal_closed_by_stage" ON "deal" ("stage", "closed_on", "id") WHERE '
        '("closed_on" IS NOT NULL)'
    ),
    (
        'CREATE INDEX IF NOT EXISTS "deal_open_by_updated_at" ON "deal" ("updated_at", "id", '
        '"archived_at") WHERE ("closed_on" IS NULL)'
    ),
    (
        'CREATE INDEX IF NOT EXISTS "deal_open_by_amount" ON "deal" ("amount", "id", "archived_at") WHERE '
        '("closed_on" IS NULL)'
    ),
    (
        'CREATE INDEX IF NOT EXISTS "deal_open_by_expected_on" ON "deal" ("expected_on", "id", '
        '"archived_at") WHERE ("closed_on" IS NULL)'
    ),
    (
        'CREATE INDEX IF NOT EXISTS "deal_open_by_owner" ON "deal" ("owner_id", "updated_at", "id", '
        '"archived_at") WHERE ("closed_on" IS NULL)'
    ),
    (
        'CREATE INDEX IF NOT EXISTS "deal_archived_by_updated_at" ON "deal" ("updated_at", "id", '
        '"archived_at") WHERE ("archived_at" IS NOT NULL)'
    ),
    (
        'CREATE INDEX IF NOT EXISTS "deal_archived_by_amount" ON "deal" ("amount", "id", "archived_at") '
        'WHERE ("archived_at" IS NOT NULL)'
    ),
    (
        'CREATE INDEX IF NOT EXISTS "deal_archived_by_expected_on" ON "deal" ("expected_on", "id", '
        '"archived_at") WHERE ("archived_at" IS NOT NULL)'
    ),
    (
        'CREATE INDEX IF NOT EXISTS "deal_archived_by_closed_on" ON "deal" ("closed_on", "id", '
        '"archived_at") WHERE ("archived_at" IS NOT NULL)'
    ),
)


TABLES = (
    Department,
    Person,
    CustomerType,
    Customer,
    Product,
    Deal,
    Experience,
    Acceptance,
    Job,
    Period,
    Policy,
    Statement,
    Acknowledgement,
    Adjustment,
    AdjustmentDecision,
    Alias,
    Topic,
    Question,
    Article,
    Answer,
    ArticleTopic,
    ArticleVersion,
    Attachment,
    BestAnswer,
    Contact,
    Credit,
    DealLine,
    DealShare,
    Line,
    Dispute,
    DisputeMessage,
    Endorsement,
    Event,
    Evidence,
    ExperienceGram,
    ExperienceTopic,
    Gap,
    Import,
    ImportRow,
    Interaction,
    Letter,
    Lookup,
    Notice,
    PointEntry,
    PolicyAcknowledgement,
    PolicyApproval,
    Review,
    Revocation,
    RoleGrant,
    SavedSearch,
    SearchCursor,
    SearchDocument,
    SearchEntry,
    SearchFailure,
    SearchOutbox,
    Session,
    Setting,
    SignInFailure,
    Synonym,
    Use,
)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES)
    for statement in INDEXES:
        db.execute_sql(statement)
    for guard in GUARDS:
        guards.forbid(*guard)
