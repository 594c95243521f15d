"""A change of a view, as sent to browsers: a JSON merge patch (RFC 7396).

The documents have closed shapes: every record always has the same fields, there is no
null, and only maps keyed by id gain or lose keys; a record that can go away holds no such
map itself. Over such documents patches compose: ``apply(merge(p, q))`` is ``p``, then
``q``. Over any documents they would not.
"""

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]
Patch = dict[str, Any]


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> Patch:
    """Tell what turns ``old`` into ``new``; empty when nothing does."""
    patch: Patch = {key: None for key in old if key not in new}
    for key, value in new.items():
        if key not in old:
            patch[key] = value
        elif (was := old[key]) != value:
            both = isinstance(was, dict) and isinstance(value, dict)
            patch[key] = diff(was, value) if both else value
    return patch


def apply(document: Mapping[str, Any], patch: Mapping[str, Any]) -> Document:
    """Return the document as patched; what did not change is shared with the old one."""
    patched = dict(document)
    for key, value in patch.items():
        if value is None:
            patched.pop(key, None)
        elif isinstance(value, dict):
            was = patched.get(key)
            patched[key] = apply(was if isinstance(was, dict) else {}, value)
        else:
            patched[key] = value
    return patched


def merge(first: Mapping[str, Any], then: Mapping[str, Any]) -> Patch:
    """Make one patch of two that follow each other."""
    merged = dict(first)
    for key, value in then.items():
        was = merged.get(key)
        if isinstance(was, dict) and isinstance(value, dict):
            merged[key] = merge(was, value)
        else:
            merged[key] = value
    return merged
