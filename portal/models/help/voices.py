"""What visitors of the help site leave: whether it helped, what they looked for; not who they are."""

from __future__ import annotations

from collections.abc import Callable

from portal.models.base.record import Invalid
from portal.models.help.knocks import Knock
from portal.models.help.pages import HelpPage, names_in
from portal.models.search.lookups import Lookup, folded


def hear(page: HelpPage, *, helped: bool, address: str, key: str) -> None:
    """Count that a page helped, or did not: of one address and page once a day. Raises Invalid when it is too
    often.
    """
    if Knock.first("voice", page.id, address=address, key=key):
        counted = HelpPage.helped if helped else HelpPage.did_not_help
        HelpPage.update({counted: counted + 1}).where(HelpPage.id == page.id).execute()


def noting(text: str, *, found: int, address: str, key: str) -> Callable[[], None] | None:
    """What is written down of a search once it is answered: what was looked for, and whether anything was
    found: what is looked for in vain is a gap. Of one address the same counts once a day, and so much in all;
    None where it does not. What tells who somebody is, a customer's name among it, counts and is not noted.

    All names of customers are read for that: only of what counts, and while nothing is written.
    """
    words = folded(text)
    if not words or not Knock.would_count("search", words, address=address, key=key):
        return None
    tells = bool(names_in(text))

    def note() -> None:
        try:
            if Knock.first("search", words, address=address, key=key) and not tells:
                Lookup.note(None, text, found=found, opened=found > 0)
        except Invalid:
            return

    return note
