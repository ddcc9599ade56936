"""Files of records: every URL."""

from __future__ import annotations

from portal.views.imports import imports, names
from portal.web import form, get, post

ROUTES = [
    get("/imports", imports.index, "imports"),
    form("/imports/new", imports.create, "import_new"),
    get("/imports/names", names.index, "import_names"),
    post("/imports/names/{id:int}/withdrawal", names.withdraw, "import_name_withdrawal"),
    get("/imports/{id:int}", imports.show, "import"),
    form("/imports/{id:int}/file", imports.file, "import_file"),
    form("/imports/{id:int}/columns", imports.columns, "import_columns"),
    form("/imports/{id:int}/check", imports.check, "import_check"),
    post("/imports/{id:int}/run", imports.start, "import_run"),
    get("/imports/{id:int}/rejected", imports.rejected, "import_rejected"),
    form("/imports/{id:int}/undo", imports.undo, "import_undo"),
    post("/imports/{id:int}/discard", imports.discard, "import_discard"),
    post("/imports/{id:int}/resumption", imports.resume, "import_resumption"),
]
