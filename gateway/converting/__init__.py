"""From another platform's export to the JSON lines that an import takes."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway.converting import slido, youtube

Record = dict[str, Any]

FORMS: Mapping[str, Callable[[Path], Iterator[Record]]] = {
    "youtube": youtube.records_of,
    "slido": slido.records_of,
}
"""What reads an export, by platform. Raises ``UnreadableExportError``; blocks."""
