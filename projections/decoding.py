"""From stored facts to facts, around those that can't be read."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from domain.store import Recorded, Store, StoredFact


class Parked(NamedTuple):
    """A fact that could not be read, folded or kept. Never what it says."""

    position: int
    talk: str
    fact: str
    error: str


def decoded(store: Store, stored: Sequence[StoredFact]) -> tuple[list[Recorded], list[Parked]]:
    """Decode facts; those that can't be read are told apart, and the others go on."""
    try:
        return store.decode_all(stored), []
    except SQLAlchemyError:
        raise
    except Exception:  # noqa: BLE001 - one of them can't be read: find out which
        return _one_by_one(store, stored)


def _one_by_one(store: Store, stored: Sequence[StoredFact]) -> tuple[list[Recorded], list[Parked]]:
    recorded: list[Recorded] = []
    parked: list[Parked] = []
    for fact in stored:
        try:
            recorded.append(store.decode(fact))
        except SQLAlchemyError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this fact alone
            parked.append(Parked(fact.position, fact.talk, fact.name, type(error).__name__))
    return recorded, parked
