"""What the desk did: one record per act. Why it was done, the audit trail alone tells."""

from collections.abc import Mapping
from typing import ClassVar

from domain.aggregate import Fact
from domain.audited import AUDITED, item_of
from domain.clock import iso
from projections.records import DeskAct
from projections.stage import Fold, Stage


class Moderation:
    """Collects the acts that the desk answers for."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.acts: list[DeskAct] = []
        """Acts done since the last change."""

    def _done(self, fact: Fact, position: int) -> None:
        at, second = iso(fact.timestamp), self._stage.second(fact.timestamp)
        act: str = type(fact).TOPIC  # type: ignore[attr-defined]
        self.acts.append(DeskAct(position, act, item_of(fact), fact.by, at, second))

    FOLDS: ClassVar[Mapping[type[Fact], Fold]] = dict.fromkeys(AUDITED, _done)
