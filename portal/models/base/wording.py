"""The wording of SQL, in fewer steps than peewee takes: it asks the same of the database, word for word."""

from __future__ import annotations

from functools import cache
from typing import Any

from peewee import SCOPE_NORMAL, SCOPE_VALUES, Context, Entity, Field, Node, Table


class _State:
    """What holds at one place of a statement. Peewee looks a setting up in a dictionary after it failed to
    find an attribute of its name; here the settings are the attributes.
    """

    scope: int = SCOPE_NORMAL
    parentheses: bool = False
    bare_subquery = compound_select_parentheses = conflict_statement = conflict_update = converter = None
    field_types = for_update = in_expr = in_function = in_projection = index_schema_prefix = None
    index_using_precedes_table = is_fk_expr = limit_max = nulls_ordering = operations = param = quote = None
    subquery = use_concat_function = value_literals = None

    def __init__(self, settings: dict[str, Any]) -> None:
        self.__dict__ = settings

    @property
    def settings(self) -> dict[str, Any]:
        """The settings alone: a context of its own begins with them."""
        return {name: value for name, value in self.__dict__.items() if name not in ("scope", "parentheses")}

    def __getattr__(self, name: str) -> None:
        """Nothing: this setting was never made."""
        if name.startswith("__"):
            raise AttributeError(name)


class Wording(Context):
    """Puts a statement together."""

    __slots__ = ()
    stack: list[Any]
    state: Any
    _sql: list[str]
    alias_manager: Any

    def __init__(self, **settings: Any) -> None:
        super().__init__()
        self.state = _State(settings)

    def as_new(self) -> Wording:
        """A statement of its own, with the same settings."""
        return Wording(**self.state.settings)

    def __call__(self, **overrides: Any) -> Wording:
        """Other settings, to the end of a `with`. Scope and settings are inherited, parentheses are not."""
        before = self.state
        self.stack.append(before)
        settings = before.__dict__ | overrides
        if "parentheses" not in overrides:
            settings["parentheses"] = False
        if settings.get("scope") is None:
            settings["scope"] = before.scope
        self.state = _State(settings)
        return self

    def sql(self, obj: Any) -> Any:
        """Add what a part of the statement says; one that has a way of its own says it itself."""
        says = getattr(type(obj), "__sql__", None)
        if says is Field.__sql__:
            return self._field(obj)
        if says is Entity.__sql__:
            self._sql.append(_quoted(self.state.quote or '""', *obj._path))
            return self
        if isinstance(obj, Node):
            return obj.__sql__(self)
        return super().sql(obj)  # type: ignore[no-untyped-call]

    def _field(self, field: Any) -> Any:
        table: Any = field.model._meta.table
        quotes = self.state.quote or '""'
        if self.state.scope == SCOPE_VALUES:
            self._sql.append(_quoted(quotes, field.column_name))
        elif table._alias or type(table) is not Table:
            return field.__sql__(self)
        else:
            aliases = self.alias_manager
            alias = aliases.mapping.get(table) or aliases.add(table)
            self._sql.append(_quoted(quotes, alias, field.column_name))
        return self


@cache
def _quoted(quotes: str, *path: str) -> str:
    begin = quotes[0]
    return ".".join(part.replace(begin, quotes).join(quotes) for part in path)
