"""Changes of a view as JSON merge patches (RFC 7396): find, apply and join them.

Two merge patches join into one only because of the shapes of our views: a record has the
same fields always and none is null, and only maps keyed by id gain or lose keys.
Documents and patches are never changed in place; what did not change is shared.
"""

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> Document:
    """Return the patch that leads from one document to another; empty when they are equal."""
    change: Document = {key: None for key in old if key not in new}
    for key, value in new.items():
        if key not in old:
            change[key] = value
        elif old[key] != value:
            before = old[key]
            nested = isinstance(before, Mapping) and isinstance(value, Mapping)
            change[key] = diff(before, value) if nested else value
    return change


def apply(document: Mapping[str, Any], patch: Mapping[str, Any]) -> Document:
    """Return the document as it is after a patch."""
    changed = dict(document)
    for key, value in patch.items():
        if value is None:
            changed.pop(key, None)
        elif isinstance(value, Mapping):
            before = changed.get(key)
            changed[key] = apply(before if isinstance(before, Mapping) else {}, value)
        else:
            changed[key] = value
    return changed


def merge(first: Mapping[str, Any], second: Mapping[str, Any]) -> Document:
    """Return one patch that does what two do, one after the other."""
    merged = dict(first)
    for key, value in second.items():
        before = merged.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[key] = merge(before, value)
        else:
            merged[key] = value
    return merged
