"""Customers, the people there, and every contact with them: every URL."""

from __future__ import annotations

from portal.views.customers import contacts, customers, interactions
from portal.web import form, get, post

ROUTES = [
    get("/customers", customers.index, "customers"),
    post("/customers/export", customers.export, "customers_export"),
    form("/customers/new", customers.create, "customer_new"),
    get("/customers/{id:int}", customers.show, "customer"),
    form("/customers/{id:int}/edit", customers.edit, "customer_edit"),
    form("/customers/{id:int}/owner", customers.hand_over, "customer_owner"),
    post("/customers/{id:int}/archiving", customers.archive, "customer_archiving"),
    post("/customers/{id:int}/restoring", customers.restore, "customer_restoring"),
    post("/customers/{id:int}/private", customers.reveal, "customer_private"),
    form("/customers/{id:int}/contacts/new", contacts.create, "contact_new"),
    form("/contacts/{id:int}/edit", contacts.edit, "contact_edit"),
    post("/contacts/{id:int}/archiving", contacts.archive, "contact_archiving"),
    post("/contacts/{id:int}/restoring", contacts.restore, "contact_restoring"),
    post("/contacts/{id:int}/private", contacts.reveal, "contact_private"),
    form("/interactions/new", interactions.create, "interaction_new"),
    post("/customers/{id:int}/interactions", interactions.log, "interaction_log"),
    post("/interactions/{id:int}/follow-up", interactions.follow_up, "interaction_follow_up"),
]
