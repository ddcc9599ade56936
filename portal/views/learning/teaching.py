"""What was chosen in a list of knowledge becomes lessons of a course."""

from __future__ import annotations

from typing import Any

from portal.forms.learning.courses import IntoCourseForm
from portal.i18n import Phrase, names
from portal.views.base.selection import Act, Asking, Lists
from portal.web import Request


class Teaching(Asking):
    """The course that they become lessons of."""

    name, template = "course", "shared/selection/course.html"

    def form(self, request: Request, page: Lists) -> Any:
        return IntoCourseForm(request.form).offering(request.user)

    def act(self, form: Any) -> Act:
        course = form.course.data
        return Act(
            verb=lambda record, me: course.teach(record, by=me),
            may=lambda record, me: course.editable_by(me),
            said=lambda count: Phrase("Into “%(course)s”: %(count)s.", course=names(course), count=count),
        )
