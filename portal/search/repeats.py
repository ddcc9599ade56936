"""What a new experience says again in other words: by meaning, else by the words that tell (RULES 4.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from portal.models.experiences.experiences import Experience
from portal.models.experiences.likeness import COMPARED, text_of
from portal.models.knowledge.articles import Article
from portal.search.engine import Engine, Query
from portal.search.parsing import ParsedQuery
from portal.search.rank import idf
from portal.search.records.experiences import document_of
from portal.search.text import flat
from portal.text.grams import grams, norm

if TYPE_CHECKING:
    from portal.search.nearness import Nearness

AskEngine = Callable[[Callable[[Engine], list[str]]], tuple[list[str], Engine] | tuple[None, None]]
"""Puts a question to the first engine that answers, and says which it was."""

SAME = 0.945
"""So near two texts mean the same. Told anew in other words, an experience is 0.951 to 0.966 near itself. Of
the 780 pairs of the demo's experiences none is; of 27,495 pairs of handbook pages 53 are, of 32 pages.
"""
SHARED = 0.2
"""Where no meaning is known: so much of what the words tell, by how rare they are, stands in the other."""
LOOKED_AT, LONGEST = 20, 500
_TELLING = 60
"""A text of fewer different words shares too much with any other by chance."""
KINDS = ("experience", "article")


def repeated(experience: Experience, nearness: Nearness | None, ask: AskEngine) -> list[int]:
    """The ids of the pending and decided experiences that seem to say the same, the likest first, whoever may
    read them: who asks learns no more than that there is one.
    """
    near = nearness.closest(document_of(experience).passages[0]) if nearness else []
    if not near:
        return _by_words(experience, ask)
    return _experiences((name for name, cosine in near if cosine >= SAME), but=experience)


def _by_words(experience: Experience, ask: AskEngine) -> list[int]:
    text = text_of(experience)
    said = text[:LONGEST]
    query = Query(said, kinds=KINDS, groups=None, facets=())
    found, engine = ask(lambda each: each.retrieve(ParsedQuery.of(said), query, LOOKED_AT).ids)
    if not found or engine is None:
        return []
    ids = _experiences(dict.fromkeys(id.partition("--")[0] for id in found), but=experience)
    texts = {other.id: text_of(other) for other in Experience.select().where(Experience.id.in_(ids))}
    shares = {ident: _shared(engine, text, texts[ident]) for ident in ids}
    return sorted((ident for ident in ids if shares[ident] >= SHARED), key=lambda ident: -shares[ident])


def _shared(engine: Engine, new: str, known: str) -> float:
    """How much of what the words of one text tell stands in the other, 0 to 1: of the shorter one's."""
    ours, theirs = _words(new), _words(known)
    if min(len(ours), len(theirs)) < _TELLING:
        return 0.0
    documents, counts = engine.counted(sorted(ours | theirs))
    weight = {word: idf(counts.get(word, 0), documents) for word in ours | theirs}
    both = sum(weight[word] for word in ours & theirs)
    return both / min(sum(weight[word] for word in ours), sum(weight[word] for word in theirs))


def _words(text: str) -> set[str]:
    return {gram for gram in grams(flat(norm(text), stemmed=True)) if len(gram) > 1}


def _experiences(names: Iterable[str], *, but: Experience) -> list[int]:
    """The experiences that documents are of, the accepted ones as the articles that they became."""
    told = [name.split("-") for name in names if name.split("-")[0] in KINDS]
    articles = [int(ident) for kind, ident in told if kind == "article"]
    born = (Article.origin_kind == Experience.kind()) & Article.id.in_(articles)
    origins = {row.id: row.origin for row in Article.select(Article.id, Article.origin).where(born)}
    ids = [origins.get(int(ident)) if kind == "article" else int(ident) for kind, ident in told]
    wanted = [ident for ident in dict.fromkeys(ids) if ident and ident != but.id]
    counted = Experience.state.in_(COMPARED) & Experience.is_new()
    held = {row.id for row in Experience.select(Experience.id).where(Experience.id.in_(wanted) & counted)}
    return [ident for ident in wanted if ident in held]
