"""How facts are kept; the only part of the domain that knows SQL.

``open_store`` opens a :class:`Store`; ``GroupCommit`` decides commands and appends what
they record; ``Factory`` makes the library's own recorders over the same log.
"""

from domain.store.codec import ERASED_MARK, SealingMapper, UnreadableFact
from domain.store.engine import open_engine, reading, writing
from domain.store.keys import KeyRing
from domain.store.log import Log, Span, StoredFact
from domain.store.recorders import Factory
from domain.store.store import Recorded, Store, open_store
from domain.store.work import Work
from domain.store.writer import Answer, GroupCommit

__all__ = [
    "ERASED_MARK",
    "Answer",
    "Factory",
    "GroupCommit",
    "KeyRing",
    "Log",
    "Recorded",
    "SealingMapper",
    "Span",
    "Store",
    "StoredFact",
    "UnreadableFact",
    "Work",
    "open_engine",
    "open_store",
    "reading",
    "writing",
]
