"""Presence as it is remembered: how many people were there, sampled by the steward."""

from collections.abc import Mapping
from typing import ClassVar

from domain.aggregate import Fact
from domain.attendance import Attendance
from domain.clock import iso
from projections.records import Sample
from projections.stage import Fold, Stage


class Presence:
    """Collects the samples of attendance; live, presence is counted by gateways."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.samples: list[Sample] = []
        """Samples taken since the last change."""

    def _sampled(self, fact: Attendance.Sampled, position: int) -> None:
        at = fact.timestamp
        self.samples.append(Sample(position, iso(at), self._stage.second(at), fact.present))

    FOLDS: ClassVar[Mapping[type[Fact], Fold]] = {Attendance.Sampled: _sampled}
