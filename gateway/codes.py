"""Which one-time codes were used, kept in the store's database for all gateways."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import BigInteger, Column, Engine, MetaData, String, Table, delete, insert
from sqlalchemy.exc import IntegrityError

from domain.store.engine import create_tables, writing

_tables = MetaData()
_used_codes = Table(
    "used_codes",
    _tables,
    Column("code", String(64), primary_key=True),
    Column("expires_at", BigInteger, nullable=False),  # seconds since 1970
)


class UsedCodesInStore:
    """Used codes, forgotten when they would have expired anyway. Blocks; thread-safe."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        create_tables(engine, _tables)

    def take(self, code: str, *, expires_at: datetime) -> bool:
        """Mark a code as used; False when it was used before."""
        row = {"code": code, "expires_at": int(expires_at.timestamp())}
        over = _used_codes.c.expires_at < int(self._now().timestamp())
        try:
            with writing(self._engine) as connection:
                connection.execute(delete(_used_codes).where(over))
                connection.execute(insert(_used_codes), row)
        except IntegrityError:
            return False
        return True
