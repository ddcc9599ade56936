"""A small company's documents, in both engines."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence

import pytest

from portal.search import (
    Embedded,
    Engine,
    IndexEntry,
    Query,
    RestrictedText,
    Result,
    SearchDoc,
    Vocabulary,
    alternates,
    entries,
    find,
)
from portal.search.engine import Nearest
from portal.search.meilisearch import Meilisearch
from portal.search.versions import Versions

EVERYONE = frozenset({"public"})
SALES = frozenset({"public", "team:sales"})

LONG = (
    "# Returns\n\nEvery order may be sent back.\n\n"
    + "Parcels are packed on the ground floor and leave twice a day. " * 40
    + "\n\n## Refunds\n\nThe refund policy for damaged goods: the customer gets the full price back in 14 days.\n\n"
    + "Pallets are counted on Fridays and stacked by the gate. " * 40
)


def article(id: str, title: str, body: str = "", **facts: object) -> SearchDoc:
    known = {"alt": alternates(title, "title"), "groups": EVERYONE, "lang": "zh", **facts}
    return SearchDoc(f"article-{id}", "article", title, body=body, **known)  # type: ignore[arg-type]


DOCS = [
    article("1", "安装简单的三个步骤", "先看说明书，再动手。", tags=("topic:1", "product:1"), updated=100),
    article("2", "周报怎么写", "写好周报要有数据、有结论、有下周计划。", tags=("topic:2",), updated=200),
    article(
        "3", "日报与例会", "每天下班前发日报。例会上说明问题，不要念稿。", tags=("topic:2",), updated=300
    ),
    article("4", "Goods that come back", LONG, lang="en", tags=("topic:3",), updated=400),
    article("5", "C# 入门", "用 C# 写第一个程序。", updated=500),
    article("6", "C 语言入门", "用 C 写第一个程序，再学 C++。", updated=600),
    article("7", "串口接线", "设备用 RS-485 总线接线，最长 1200 米。", updated=700),
    article("8", "增值税发票", "開立增值稅發票需要客戶的稅號。", updated=800),
    article("9", "涨价通知", "内部：下月涨价。", groups=frozenset({"team:sales"}), updated=900),
    article("10", "学区房怎么选", "看学区政策是否稳定，再看小区环境。", tags=("topic:1",), updated=1000),
    SearchDoc(
        "product-1", "product", "前大灯总成", ("a-1024", "a1024"), ("product:1",), "LED", EVERYONE, updated=50
    ),
    SearchDoc("product-2", "product", "雨刮器", alternates("RS485", "code"), groups=EVERYONE, updated=51),
    SearchDoc(
        "customer-1",
        "customer",
        "招商花园物业公司",
        alternates("招商花园物业公司", "company"),
        groups=EVERYONE,
    ),
    SearchDoc(
        "customer-2",
        "customer",
        "北京宏远科技有限公司",
        alternates("北京宏远科技有限公司", "company"),
        groups=EVERYONE,
    ),
    SearchDoc("order-1", "order", "20240131", groups=EVERYONE, updated=9999),
    SearchDoc("order-2", "order", "20240132", groups=EVERYONE, updated=1),
    SearchDoc("person-1", "person", "李明朗", alternates("李明朗", "name"), groups=EVERYONE, owner="7"),
    SearchDoc(
        "person-2",
        "person",
        "王小明",
        alternates("王小明", "name"),
        groups=EVERYONE,
        restricted=(
            RestrictedText(SALES - EVERYONE, "手机 138-1234-5678", alternates("138-1234-5678", "phone")),
        ),
    ),
]


class Portal:
    """An engine with the database's part beside it: what was indexed, by entry."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.stored: dict[str, IndexEntry] = {}

    def index(self, docs: Iterable[SearchDoc]) -> None:
        docs = list(docs)
        gone = {doc.id for doc in docs}
        self.stored = {id: entry for id, entry in self.stored.items() if entry.parent not in gone}
        self.stored |= {entry.id: entry for doc in docs for entry in entries(doc)}
        self.engine.index(docs)

    def delete(self, ids: list[str]) -> None:
        self.stored = {id: entry for id, entry in self.stored.items() if entry.parent not in ids}
        self.engine.delete(ids)

    def load(self, ids: Sequence[str]) -> Mapping[str, IndexEntry]:
        return {id: self.stored[id] for id in ids if id in self.stored}

    def find(
        self,
        text: str = "",
        vocabulary: Vocabulary | None = None,
        nearest: Nearest | None = None,
        works: Mapping[str, str] | None = None,
        **facts: object,
    ) -> Result:
        query = Query(text, **{"groups": EVERYONE, **facts})  # type: ignore[arg-type]
        known = works or {}
        versions = Versions(
            lambda names: {name: known[name] for name in names if name in known}, lambda: known
        )
        return find(self.engine, query, self.load, vocabulary or Vocabulary(), nearest, versions=versions)

    def ids(self, text: str = "", **facts: object) -> list[str]:
        return [hit.id for hit in self.find(text, **facts).hits]  # type: ignore[arg-type]


Make = Callable[[], Engine]


@pytest.fixture(scope="session", params=["embedded", "meilisearch"])
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes an empty engine of one sort."""
    if request.param == "embedded":
        return lambda: Embedded(tmp_path_factory.mktemp("search") / "index")
    server = request.getfixturevalue("meilisearch_server")
    server.start()
    return lambda: Meilisearch(server.url, server.master_key, index=f"test{uuid.uuid4().hex}", seconds=30)


@pytest.fixture
def empty(make: Make) -> Portal:
    """An engine with nothing in it yet."""
    return Portal(make())


@pytest.fixture(scope="session")
def company(make: Make) -> Portal:
    """An engine that holds the company's documents; tests only read it."""
    portal = Portal(make())
    portal.index(DOCS)
    return portal
