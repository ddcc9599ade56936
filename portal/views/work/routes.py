"""Background jobs: every URL."""

from __future__ import annotations

from portal.views.work import jobs
from portal.web import get, post

ROUTES = [
    get("/admin/jobs", jobs.index, "jobs"),
    post("/admin/jobs/{id:int}/retry", jobs.retry, "job_retry"),
    post("/admin/jobs/{id:int}/stop", jobs.stop, "job_stop"),
    post("/admin/jobs/{id:int}/drop", jobs.drop, "job_drop"),
    post("/admin/jobs/aside/{id:int}/retry", jobs.retry_setback, "setback_retry"),
    post("/admin/jobs/aside/{id:int}/drop", jobs.drop_setback, "setback_drop"),
]
