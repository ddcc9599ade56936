"""How a query is put into words: peewee's way, with a shortcut for columns, which are most of it."""

from __future__ import annotations

from typing import Any

from peewee import SCOPE_VALUES, Context, Field, FieldAlias


class Wording(Context):
    """Says what peewee says, to the letter. A column alone takes peewee four nodes, and all of them more than
    half of the work that a query is.
    """

    __slots__ = ()

    def sql(self, obj: Any) -> Any:
        """Add the words of a part of the query."""
        says = getattr(type(obj), "__sql__", None)
        if says is Field.__sql__:
            source, column = obj.model._meta.table, obj.column_name
            alias = source._alias
        elif says is FieldAlias.__sql__:
            source, column, alias = obj.source, obj.field.column_name, obj.source.alias
        else:
            return super().sql(obj)  # type: ignore[no-untyped-call]
        marks = self.state.quote or '""'
        if self.state.scope == SCOPE_VALUES:
            return self.literal(_quoted(column, marks))
        if alias:
            self.alias_manager[source] = alias
        return self.literal(f"{_quoted(self.alias_manager[source], marks)}.{_quoted(column, marks)}")


def _quoted(name: str, marks: str) -> str:
    """A name between the marks of a database, the first of them doubled within."""
    return name.replace(marks[0], marks).join(marks)
