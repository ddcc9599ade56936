"""What is sold: every URL."""

from __future__ import annotations

from portal.views.products import products
from portal.web import form, get, post

ROUTES = [
    get("/products", products.index, "products"),
    post("/products/selection", products.select, "products_selection"),
    form("/products/new", products.create, "product_new"),
    get("/products/{id:int}", products.show, "product"),
    form("/products/{id:int}/edit", products.edit, "product_edit"),
    post("/products/{id:int}/archiving", products.archive, "product_archiving"),
    post("/products/{id:int}/restoring", products.restore, "product_restoring"),
]
