"""What one colleague says of another."""

from __future__ import annotations

from typing import Any, Self

from portal.forms.base import Form, Pick
from portal.i18n import Phrase
from portal.models.company.topics import Topic


class EndorsementForm(Form):
    """A topic that a colleague knows."""

    topic = Pick(Phrase("Topic"), required=True)

    def offering(self, person: Any) -> Self:
        """With the topics in use."""
        self.topic.offer(Topic.visible_to(person))
        return self
