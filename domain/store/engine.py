"""Connections to SQLite and MariaDB/MySQL, and what differs between them.

Engines are thread-safe; a connection belongs to one thread at a time.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pymysql
from pymysql.constants import CLIENT
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError

LOCK_WAIT_S = 2  # how long a writer waits for another one
BUSY_S = 5  # the same on SQLite, where those who wait are not served in order
CONNECT_S = 3
ANSWER_S = 10  # how long a statement may take before its connection is given up

_LONGEST_LIST = 16 * 2**20
"""Bytes of many rows put together into one text; MariaDB cuts longer ones."""
_OUTRUN = {1205, 1213}  # lock wait timeout, deadlock

_HOSTS = re.compile(r"(?P<before>[^/]+://(?:[^@/]*@)?)(?P<hosts>[^/?]*)(?P<after>.*)")


def open_engine(
    url: str, *, durable: bool = True, erasing: bool = False, many_statements: bool = False
) -> Engine:
    """Open a database of ours; connecting waits until it is used.

    ``durable`` commits survive a power loss (SQLite; on MariaDB that is the server's
    setting). ``erasing`` overwrites what is deleted (SQLite). ``many_statements`` may be
    sent in one packet (MariaDB, where each is a round trip else).
    """
    match url.partition(":")[0].partition("+")[0]:
        case "sqlite":
            return _open_sqlite(url, durable=durable, erasing=erasing)
        case "mysql" | "mariadb":
            return _open_mysql(url, CLIENT.MULTI_STATEMENTS if many_statements else 0)
        case scheme:
            raise ValueError(f"no store speaks {scheme!r}: use sqlite:/// or mysql+pymysql://")


def is_sqlite(engine: Engine) -> bool:
    """Tell SQLite from the others, where they differ."""
    return engine.dialect.name == "sqlite"


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes; on SQLite it waits for other writers at its begin."""
    with engine.connect() as connection, to_write(connection).begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction in which every read sees the same moment."""
    with engine.connect() as connection, connection.begin():
        if not is_sqlite(engine):  # for this transaction alone
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield connection


def to_write(connection: Connection) -> Connection:
    """Let the transactions of a connection take the writers' lock at their begin (SQLite)."""
    return connection.execution_options(sqlite_begin="BEGIN IMMEDIATE")


def to_look(connection: Connection) -> Connection:
    """Let every statement of a connection see the latest commits, without a transaction."""
    if connection.dialect.name == "sqlite":
        return connection.execution_options(sqlite_begin="")
    return connection.execution_options(isolation_level="AUTOCOMMIT")


def create_tables(engine: Engine, tables: MetaData) -> None:
    """Create what is missing; safe when several processes do it at once."""
    with writing(engine) as connection, alone(connection, "tables"):
        tables.create_all(connection)


@contextmanager
def alone(connection: Connection, what: str) -> Iterator[None]:
    """Keep other processes from doing the same meanwhile (SQLite's transactions do already)."""
    if connection.dialect.name == "sqlite":
        yield
        return
    lock = f"hearhear.{what}"
    connection.exec_driver_sql("SELECT GET_LOCK(%s, 30)", (lock,))
    try:
        yield
    finally:
        connection.exec_driver_sql("SELECT RELEASE_LOCK(%s)", (lock,))


# SQLite


def _open_sqlite(url: str, *, durable: bool, erasing: bool) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_S, "check_same_thread": False},
        hide_parameters=True,  # of errors: they may hold keys
    )
    pragmas = [
        f"PRAGMA busy_timeout = {BUSY_S * 1000}",
        "PRAGMA journal_mode = WAL",
        f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}",
        f"PRAGMA secure_delete = {'ON' if erasing else 'OFF'}",
    ]

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in pragmas:
            _patiently(partial(connection.execute, pragma))

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        statement = connection.get_execution_options().get("sqlite_begin", "BEGIN")
        if statement:
            connection.exec_driver_sql(statement)

    return engine


def _patiently(act: Callable[[], object], *, within_s: float = 10.0) -> None:
    """Repeat what SQLite refuses at once instead of waiting: the change to WAL."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            act()
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)  # SQLite tells nobody when the file is free: it has to be asked
        else:
            return


# MariaDB and MySQL


def _open_mysql(url: str, client_flag: int) -> Engine:
    hosts = _each_host(url)
    engine: Engine = create_engine(
        hosts[0],
        creator=lambda: _connect(engine, hosts, client_flag),
        pool_pre_ping=True,
        pool_recycle=1800,
        pool_size=5,
        max_overflow=20,
        pool_timeout=ANSWER_S,
        isolation_level="READ COMMITTED",
        hide_parameters=True,
    )
    return engine


def _each_host(url: str) -> list[URL]:
    """Read ``mysql+pymysql://user:word@one:3306,two:3306/name`` into one URL per host."""
    parts = _HOSTS.fullmatch(url)
    if parts is None:
        raise ValueError("not the URL of a database")
    hosts = parts["hosts"].split(",")
    return [make_url(f"{parts['before']}{host}{parts['after']}") for host in hosts]


def _connect(engine: Engine, hosts: list[URL], client_flag: int) -> Any:
    """Connect to the first host that answers and may be written to."""
    failures: list[Exception] = []
    for host in hosts:
        try:
            return _connect_one(engine, host, client_flag, must_write=len(hosts) > 1)
        except pymysql.err.OperationalError as error:
            failures.append(error)
    raise failures[-1]


def _connect_one(engine: Engine, host: URL, client_flag: int, *, must_write: bool) -> Any:
    arguments, options = engine.dialect.create_connect_args(host)
    connection = pymysql.connect(
        *arguments,
        **{
            "charset": "utf8mb4",
            "connect_timeout": CONNECT_S,
            "read_timeout": ANSWER_S,
            "write_timeout": ANSWER_S,
            **options,
            "client_flag": options.get("client_flag", 0) | client_flag,
        },
    )
    try:
        _prepare(connection, must_write=must_write)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: Any, *, must_write: bool) -> None:
    settings = {
        "innodb_lock_wait_timeout": LOCK_WAIT_S,
        "time_zone": "'+00:00'",
        "sql_mode": "CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')",
        "group_concat_max_len": _LONGEST_LIST,
    }
    if "MariaDB" in connection.get_server_info():  # MySQL has no such timeout: see the how-to
        settings["idle_write_transaction_timeout"] = LOCK_WAIT_S
    with connection.cursor() as cursor:
        cursor.execute("SET " + ", ".join(f"SESSION {k} = {v}" for k, v in settings.items()))
        if must_write and _is_read_only(cursor):
            raise pymysql.err.OperationalError(1290, "this host is read-only")


def _is_read_only(cursor: Any) -> bool:
    cursor.execute("SELECT @@GLOBAL.read_only")
    return bool(cursor.fetchone()[0])


# Trying again


def may_pass(error: DBAPIError) -> bool:
    """Tell whether trying again may help: a deadlock, a lock held too long, a lost connection."""
    return isinstance(error, OperationalError) or error.connection_invalidated


def was_outrun(error: DBAPIError) -> bool:
    """Tell whether others were faster and for certain nothing was committed."""
    code = error.orig.args[0] if error.orig and error.orig.args else None
    return code in _OUTRUN or "database is locked" in str(error.orig)


def retrying(
    engine: Engine, act: Callable[[Connection], object], *, within_s: float = 10.0
) -> None:
    """Do something in one transaction, again when others were faster."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            with writing(engine) as connection:
                act(connection)
        except DBAPIError as error:
            if not was_outrun(error) or time.monotonic() > deadline:
                raise
        else:
            return
