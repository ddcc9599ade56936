"""Finding: what is indexed of each noun, the two engines, and the one order of hits."""

from portal.search.documents import FoldedText, IndexEntry, RestrictedText, SearchDoc, entries, sections
from portal.search.embedded import Embedded
from portal.search.engine import Candidates, Engine, EngineDown, Health, Hit, Query, Result
from portal.search.find import Load, find
from portal.search.parsing import ParsedQuery, Vocabulary
from portal.search.text import alternates
from portal.text.grams import norm

__all__ = [
    "Candidates",
    "Embedded",
    "Engine",
    "EngineDown",
    "FoldedText",
    "Health",
    "Hit",
    "IndexEntry",
    "Load",
    "ParsedQuery",
    "Query",
    "RestrictedText",
    "Result",
    "SearchDoc",
    "Vocabulary",
    "alternates",
    "entries",
    "find",
    "norm",
    "sections",
]
