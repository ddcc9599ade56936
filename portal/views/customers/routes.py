"""Customers, the people there, every contact with them and what they ask for: every URL."""

from __future__ import annotations

from portal.views.customers import contacts, customers, interactions, requests, rights
from portal.web import form, get, post

ROUTES = [
    get("/customers", customers.index, "customers"),
    post("/customers/export", customers.export, "customers_export"),
    post("/customers/selection", customers.select, "customers_selection"),
    post("/customers/selection/owner", customers.select_owner, "customers_selection_owner"),
    form("/customers/new", customers.create, "customer_new"),
    get("/customers/{id:int}", customers.show, "customer"),
    form("/customers/{id:int}/edit", customers.edit, "customer_edit"),
    form("/customers/{id:int}/owner", customers.hand_over, "customer_owner"),
    post("/customers/{id:int}/archiving", customers.archive, "customer_archiving"),
    post("/customers/{id:int}/restoring", customers.restore, "customer_restoring"),
    post("/customers/{id:int}/private", customers.reveal, "customer_private"),
    form("/customers/{id:int}/contacts/new", contacts.create, "contact_new"),
    post("/contacts/export", contacts.export, "contacts_export"),
    post("/contacts/selection", contacts.select, "contacts_selection"),
    form("/contacts/{id:int}/edit", contacts.edit, "contact_edit"),
    post("/contacts/{id:int}/archiving", contacts.archive, "contact_archiving"),
    post("/contacts/{id:int}/restoring", contacts.restore, "contact_restoring"),
    post("/contacts/{id:int}/private", contacts.reveal, "contact_private"),
    form("/customers/{id:int}/access", rights.ask, "access_new"),
    post("/access/{id:int}/granting", rights.grant, "access_granting"),
    post("/access/{id:int}/refusal", rights.refuse, "access_refusal"),
    post("/access/{id:int}/end", rights.end, "access_end"),
    get("/rights", rights.show, "rights"),
    form("/rights/edit", rights.edit, "rights_edit"),
    get("/requests", requests.index, "requests"),
    get("/requests/{id:int}", requests.show, "request"),
    form("/customers/{id:int}/requests/new", requests.create, "request_new"),
    post("/requests/{id:int}/taking", requests.take, "request_taking"),
    post("/requests/{id:int}/release", requests.release, "request_release"),
    post("/requests/{id:int}/closing", requests.close, "request_closing"),
    post("/requests/{id:int}/address", requests.address, "request_address"),
    post("/requests/{id:int}/withdrawal", requests.withdraw, "request_withdrawal"),
    form("/interactions/new", interactions.create, "interaction_new"),
    post("/customers/{id:int}/interactions", interactions.log, "interaction_log"),
    form("/interactions/{id:int}/edit", interactions.edit, "interaction_edit"),
    post("/interactions/{id:int}/archiving", interactions.archive, "interaction_archiving"),
    post("/interactions/{id:int}/restoring", interactions.restore, "interaction_restoring"),
    post("/interactions/{id:int}/follow-up", interactions.follow_up, "interaction_follow_up"),
]
