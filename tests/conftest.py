"""The cast, and a portal to act in: a fresh database for each test, real in every part."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from peewee import Psycopg3Adapter
from playhouse.migrations import Runner
from starlette.applications import Starlette

from portal import clock, demo, migrations
from portal.migrations import models
from portal.models.base import database
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.people.people import Person, Role
from portal.models.people.sessions import Session
from portal.models.products.products import Product
from portal.settings import ROOT, Settings
from tests.client import Client
from tests.company import EMAIL, Company, Walked, opened, tell
from tests.parts import PostgresDatabase, PostgresServer
from tests.wiring import wired

# What is started here makes no vectors unless a test is about them: a text takes a tenth of a second.
os.environ.setdefault("PORTAL_SEARCH_MEANING", "0")
BOTH = "sqlite,postgres" if os.environ.get("PORTAL_TEST_ALL") == "1" else "sqlite"
DATABASES = os.environ.get("PORTAL_TEST_DATABASES", BOTH).split(",")
"""Which databases each test runs on: both where all parts must be there, else SQLite for a quick run."""

SignIn = Callable[[Person], Client]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data sets, beside the project."""
    path = Path(os.environ.get("PORTAL_SHARED") or ROOT.parent / "shared").resolve()
    if not (path / "data").is_dir():
        if os.environ.get("PORTAL_TEST_ALL") == "1":
            pytest.fail(f"the data sets are not at {path}")
        pytest.skip("the data sets are absent: set PORTAL_SHARED to their folder")
    return path


@pytest.fixture(scope="session")
def shared_data(shared: Path) -> Path:
    """The folder of public data sets."""
    return shared / "data"


def _with_schema(url: str) -> None:
    """The schema as the models declare it, which is what the migrations make (tests/test_migrations.py)."""
    database.connect(url)
    with database.db.connection_context():
        database.db.create_tables(models())
        Runner(database.db.obj, str(migrations.FOLDER)).fake()
    database.db.close_all()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "portal.db"
    _with_schema(f"sqlite:///{path}")
    return path


@pytest.fixture
def migrated(sqlite_template: Path, tmp_path: Path) -> Path:
    """A data folder as `portal migrate` leaves it, for a portal in a process of its own."""
    shutil.copyfile(sqlite_template, tmp_path / "portal.db")
    return tmp_path


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A file or folder that is made once in a run: the first worker that needs it makes it, the others wait for it."""
    mine = factory.getbasetemp()
    folder = mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine
    path, growing = folder / name, folder / f"growing-{name}"
    with (folder / f"making-{name}").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not path.exists():
            make(growing)
            growing.rename(path)
    return path


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the demo company, told once in a run and copied for those who look at it."""
    return once(tmp_path_factory, "told.db", tell)


@pytest.fixture(scope="module")
def company(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The demo company, for one module of tests. SQLite alone: it is about pages, not about databases."""
    yield from opened(told, tmp_path_factory.mktemp("company"))


@pytest.fixture(scope="module")
def walked(company: Company, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Walked]]:
    """The pages that each demo login's links lead to, two of each kind, followed once in a run."""

    def walk(path: Path) -> None:
        emails = {email: key for key, email in EMAIL.items()}
        keys = [emails[person.email] for _, person in demo.logins()]
        path.write_text(json.dumps({key: list(company.walk(key)) for key in keys}))

    kept = json.loads(once(tmp_path_factory, "walked.json", walk).read_text())
    return {key: [Walked(*page) for page in pages] for key, pages in kept.items()}


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """The name of a PostgreSQL database with the schema, copied for each test."""
    url = postgres.create()
    _with_schema(url)
    return url.rpartition("/")[2]


@pytest.fixture(scope="module")
def postgres_database(postgres: PostgresServer, postgres_template: str) -> Iterator[PostgresDatabase]:
    """A PostgreSQL database for one module of tests: what was deleted piles up in it."""
    connect = Psycopg3Adapter.connect

    def connected(adapter: Psycopg3Adapter, db: Any, **options: Any) -> Any:
        if db.database == kept.name:
            return kept.connect(**options)
        return connect(adapter, db, **options)  # type: ignore[no-untyped-call]

    with postgres.keep(postgres_template) as kept, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Psycopg3Adapter, "connect", connected)
        yield kept


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of one's own, with the schema and nothing in it."""
    if request.param == "sqlite":
        path = tmp_path / "portal.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    database: PostgresDatabase = request.getfixturevalue("postgres_database")
    yield database.url
    database.empty()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, database_url=database_url, secret="a secret for tests", worker=False)


@pytest.fixture
def app(settings: Settings) -> Iterator[Starlette]:
    """The portal on an empty database. The test itself holds one connection open."""
    made = wired(settings)
    with database.db.connection_context():
        yield made
    database.db.close_all()


@pytest.fixture
def client(app: Starlette) -> Client:
    """Someone who is not signed in."""
    return Client(app)


@pytest.fixture
def sign_in(app: Starlette) -> SignIn:
    """A browser in which a person is signed in; asks for Chinese or English as the person chose."""
    return lambda person: Client(app, cookies={"session": _open(person)})


def _open(person: Person) -> str:
    """A session of someone who has just shown who they are, whatever day the test moves to."""
    token = secrets.token_urlsafe()
    digest = hashlib.sha256(token.encode()).hexdigest()
    confirmed_at = clock.now() + timedelta(days=300_000)
    Session.create(digest=digest, person=person, confirmed_at=confirmed_at)
    return token


def person(name: str, **fields: Any) -> Person:
    """Someone who works here, reading English so that tests can too."""
    fields = {"locale": "en"} | fields
    return Person.add(by=None, email=f"{name.lower()}@example.com", name=name, **fields)


@pytest.fixture
def sales(app: Starlette) -> Department:
    return Department.create(name="销售部", name_en="Sales")


@pytest.fixture
def mona(sales: Department) -> Person:
    """Manages sales: Ada and Ben report to her."""
    made = person("Mona", department=sales)
    made.grant(Role.MANAGER, by=None, department=sales)
    return made


@pytest.fixture
def ada(sales: Department, mona: Person) -> Person:
    """Sells and writes experiences."""
    return person("Ada", department=sales, manager=mona, employee_no="E001")


@pytest.fixture
def ben(sales: Department, mona: Person) -> Person:
    """Sells too: Ada's colleague."""
    return person("Ben", department=sales, manager=mona, employee_no="E002")


@pytest.fixture
def stan(app: Starlette) -> Person:
    """A stranger: works in another department."""
    return person("Stan", department=Department.create(name="后勤部", name_en="Logistics"))


@pytest.fixture
def schools(app: Starlette) -> Topic:
    return Topic.create(name="学区", name_en="Schools")


@pytest.fixture
def rita(schools: Topic) -> Person:
    """Reviews what is written about schools."""
    made = person("Rita")
    made.grant(Role.REVIEWER, by=None, topic=schools)
    return made


@pytest.fixture
def rob(schools: Topic) -> Person:
    """Reviews schools too: the second pair of eyes."""
    made = person("Rob")
    made.grant(Role.REVIEWER, by=None, topic=schools)
    return made


@pytest.fixture
def rosa(schools: Topic) -> Person:
    """The third, called when Rita and Rob differ."""
    made = person("Rosa")
    made.grant(Role.REVIEWER, by=None, topic=schools)
    return made


@pytest.fixture
def fin(app: Starlette) -> Person:
    """Finance: proposes policies, closes months."""
    made = person("Fin")
    made.grant(Role.FINANCE, by=None)
    return made


@pytest.fixture
def fiona(app: Starlette) -> Person:
    """Finance too: the second person that money needs."""
    made = person("Fiona")
    made.grant(Role.FINANCE, by=None)
    return made


@pytest.fixture
def adam(app: Starlette) -> Person:
    """Administrates: configures, does not read."""
    made = person("Adam")
    made.grant(Role.ADMINISTRATOR, by=None)
    return made


@pytest.fixture
def audrey(app: Starlette) -> Person:
    """Audits: reads the log, changes nothing."""
    made = person("Audrey")
    made.grant(Role.AUDITOR, by=None)
    return made


@pytest.fixture
def families(app: Starlette) -> CustomerType:
    return CustomerType.create(name="有学龄儿童家庭", name_en="Families with school children")


@pytest.fixture
def lakeside(app: Starlette) -> Product:
    """A residential area whose flats are sold."""
    return Product.create(code="A-1024", name="翠湖花园", name_en="Lakeside Gardens", list_price=5_000_000_00)
