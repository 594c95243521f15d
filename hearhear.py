"""Start Hearhear: ``hearhear …`` or ``python -m hearhear …``.

In a checkout the four packages lie beside this file; in the wheel they lie in
the private folder ``_hearhear``, so that no other distribution's ``domain`` or
``replay`` can be taken for ours.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.client import Client

_PRIVATE = Path(__file__).parent / "_hearhear"
if _PRIVATE.is_dir():
    sys.path.insert(0, str(_PRIVATE))


def connect(url: str, *, token: str = "", view: str = "room") -> "Client":
    """Return a client of the talk at ``http://host/talks/ID``, for an ``async with`` block.

    It keeps the view as it stands and resumes where it was; without a token it only reads.
    """
    from gateway.client import connect as client_of  # noqa: PLC0415 - the path is set above

    return client_of(url, token=token, view=view)


def main() -> None:
    """Run the command line and exit with its code: 0 done, 1 failed, 2 wrong usage."""
    from gateway.cli import main as run  # noqa: PLC0415 - the path is set above

    run()


if __name__ == "__main__":
    main()
