"""Start Hearhear: ``hearhear …`` or ``python -m hearhear …``.

In a checkout the four packages lie beside this file; in the wheel they lie in
the private folder ``_hearhear``, so that no other distribution's ``domain`` or
``replay`` can be taken for ours.
"""

import sys
from pathlib import Path

_PRIVATE = Path(__file__).parent / "_hearhear"
if _PRIVATE.is_dir():
    sys.path.insert(0, str(_PRIVATE))


def main() -> None:
    """Run the command line and exit with its code: 0 done, 1 failed, 2 wrong usage."""
    from gateway.cli import main as run  # noqa: PLC0415 - the path is set above

    run()


if __name__ == "__main__":
    main()
