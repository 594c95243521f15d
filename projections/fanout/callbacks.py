"""Calling what somebody else passed in, from a loop that must go on."""

import logging
from collections.abc import Callable
from typing import Any

logger = logging.getLogger(__name__)


def call_safely(callback: Callable[..., None], *arguments: Any) -> None:
    """Call it, and log what it raises: one bad message must not end the messages after it."""
    try:
        callback(*arguments)
    except Exception:
        logger.exception("a callback of the fan-out failed")
