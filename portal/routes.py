"""The wings, each with its own page of URLs: the table of contents."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute, Mount

from portal.templating import STATIC
from portal.views.base.routes import ROUTES as BASE
from portal.views.commission.routes import ROUTES as COMMISSION
from portal.views.company.routes import ROUTES as COMPANY
from portal.views.customers.routes import ROUTES as CUSTOMERS
from portal.views.experiences.routes import ROUTES as EXPERIENCES
from portal.views.files.routes import ROUTES as FILES
from portal.views.help.routes import ROUTES as HELP
from portal.views.home.routes import ROUTES as HOME
from portal.views.imports.routes import ROUTES as IMPORTS
from portal.views.insights.routes import ROUTES as INSIGHTS
from portal.views.knowledge.routes import ROUTES as KNOWLEDGE
from portal.views.learning.routes import ROUTES as LEARNING
from portal.views.people.routes import ROUTES as PEOPLE
from portal.views.products.routes import ROUTES as PRODUCTS
from portal.views.sales.routes import ROUTES as SALES
from portal.views.search.routes import ROUTES as SEARCH
from portal.views.work.routes import ROUTES as WORK
from portal.web import StaticPages, no_file


def routes() -> Sequence[BaseRoute]:
    """The whole site."""
    return [  # the most visited first: an address is compared with each in turn
        *HOME,
        *HELP,  # by the whole world
        *CUSTOMERS,
        *SALES,
        *PRODUCTS,
        *KNOWLEDGE,
        *EXPERIENCES,
        *INSIGHTS,
        *FILES,
        *SEARCH,
        *LEARNING,
        *PEOPLE,
        *IMPORTS,
        *COMPANY,
        *WORK,
        *BASE,
        *COMMISSION,
        Mount("/static/vendor", StaticPages(directory=STATIC / "vendor")),
        Mount("/static/{version}", StaticPages(directory=STATIC), name="static"),
        Mount("/static", no_file),
    ]
