"""A lease: one of several processes works, the others stand by.

It is for liveness alone: time is the database's, and whoever works is fenced besides by
comparing the position that it moves.
"""

from sqlalchemy import Connection, Engine

from domain.store.engine import is_sqlite, writing

LASTS_MS = 3_000


class Lease:
    """The right to do one kind of work until a moment; renewed by taking it again.

    ``lasts_ms`` is more than one step of the work takes: else two would do the same step.
    """

    def __init__(self, engine: Engine, name: str, holder: str, *, lasts_ms: int = LASTS_MS) -> None:
        self._engine = engine
        self._name = name
        self._holder = holder
        self._lasts_ms = lasts_ms

    def take(self) -> bool:
        """Take or renew the lease; tell whether it is ours."""
        with writing(self._engine) as connection:
            if self._renewed(connection):
                return True
            self._insert(connection)
            return self._renewed(connection)

    def give_back(self) -> None:
        """Let another take over at once."""
        mark = self._mark
        with writing(self._engine) as connection:
            connection.exec_driver_sql(
                f"UPDATE view_leases SET until_ms = 0 WHERE name = {mark} AND holder = {mark}",  # noqa: S608 - only marks
                (self._name, self._holder),
            )

    def _renewed(self, connection: Connection) -> bool:
        mark, now = self._mark, self._now
        sql = (
            f"UPDATE view_leases SET holder = {mark}, until_ms = {now} + {self._lasts_ms}"  # noqa: S608 - only marks
            f" WHERE name = {mark} AND (holder = {mark} OR until_ms < {now})"
        )
        answer = connection.exec_driver_sql(sql, (self._holder, self._name, self._holder))
        return answer.rowcount == 1

    def _insert(self, connection: Connection) -> None:
        ignore = "OR IGNORE" if is_sqlite(self._engine) else "IGNORE"
        connection.exec_driver_sql(
            f"INSERT {ignore} INTO view_leases (name, holder, until_ms)"  # noqa: S608 - only marks
            f" VALUES ({self._mark}, '', 0)",
            (self._name,),
        )

    @property
    def _mark(self) -> str:
        return "?" if is_sqlite(self._engine) else "%s"

    @property
    def _now(self) -> str:
        if is_sqlite(self._engine):
            return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
        return "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)"
