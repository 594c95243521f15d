"""What a map of a view showed last, so that its change is found from what was touched."""

from collections.abc import Callable, Iterable
from typing import Any

from projections.patch import Patch, diff

Record = dict[str, Any]


class Shown:
    """A map of records by id, as everybody was told; costs what changed, not what it holds."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}

    def turn(
        self, wanted: Iterable[str], touched: set[str], record: Callable[[str], Record]
    ) -> Patch:
        """Show just the ``wanted`` ids, looking again at those ``touched``; return the change."""
        patch: Patch = {}
        wanted = dict.fromkeys(wanted)
        for gone in self.records.keys() - wanted.keys():
            del self.records[gone]
            patch[gone] = None
        for new in [one for one in wanted if one not in self.records]:
            patch[new] = self.records[new] = record(new)
        return patch | self.look_again((touched & wanted.keys()) - patch.keys(), record)

    def look_again(self, touched: Iterable[str], record: Callable[[str], Record]) -> Patch:
        """Show those of the ``touched`` ids that are shown as they are; return the change."""
        patch: Patch = {}
        for same in touched:
            if same in self.records and (change := diff(self.records[same], now := record(same))):
                patch[same] = change
                self.records[same] = now
        return patch
