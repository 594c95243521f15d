"""Where the models of Hearhear's views are read: ``DATABASE_ROUTERS`` names this router."""

from typing import Any

from hearhear_django.conf import configuration
from hearhear_django.content import Content


class ContentRouter:
    """Reads content from ``HEARHEAR['DATABASE']``, and makes no tables there."""

    def db_for_read(self, model: type, **_: Any) -> str | None:
        """Tell the database of a view; nothing about other models."""
        return configuration().database or None if issubclass(model, Content) else None

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **_: Any) -> bool | None:
        """Views belong together; nothing about other models."""
        return True if isinstance(one, Content) and isinstance(other, Content) else None

    def allow_migrate(self, db: str, *_: Any, **__: Any) -> bool | None:
        """Leave Hearhear's database alone."""
        return False if db == configuration().database else None
