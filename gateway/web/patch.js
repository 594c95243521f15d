// A change of a view: a JSON merge patch (RFC 7396), applied without touching what it leaves alone.

const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The document `target` becomes under `patch`. Untouched branches keep their identity, so a page
 * that compares records by identity draws only the rows that changed.
 *
 * Records in `own` are nobody else's yet and are changed in place; the others are copied first, and
 * their copies join `own`. With one such set for all patches between two drawings, a map of two
 * hundred rows is copied once per drawing and not once per patch.
 */
export function patched(target, patch, own = new WeakSet()) {
  if (!isRecord(patch)) return patch;
  const result = owned(target, own);
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete result[key];
    else result[key] = patched(result[key], change, own);
  }
  return result;
}

function owned(target, own) {
  if (own.has(target)) return target;
  const copy = isRecord(target) ? { ...target } : {};
  own.add(copy);
  return copy;
}
