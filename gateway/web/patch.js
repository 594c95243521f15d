// A change of a view: a JSON merge patch (RFC 7396), applied without touching what it leaves alone.

const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The document `target` becomes under `patch`. Untouched branches keep their identity, so a page
 * that compares records by identity draws only the rows that changed.
 */
export function patched(target, patch) {
  if (!isRecord(patch)) return patch;
  const result = isRecord(target) ? { ...target } : {};
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete result[key];
    else result[key] = patched(result[key], change);
  }
  return result;
}
