// Rows in order; those before the ones that a view holds are read page by page, and kept while
// somebody reads them.
import { read, talkPath } from "./api.js";

/** Rows of a page; only the first one, the oldest, has fewer. */
export const PAGE = 100;

/** Records of a view, which keeps them by id: `{id, item}` by position of posting. */
export const inOrder = (records) =>
  Object.entries(records ?? {})
    .map(([id, item]) => ({ id, item }))
    .sort((one, other) => one.item.position - other.item.position);

/** Reads the page before a position. */
export const earlierIn = (talk) => async (before) =>
  inOrder((await read(talkPath(talk, `/feed?before=${before}&limit=${PAGE}`))).feed);

/**
 * The rows to show to somebody who reads further up: those of the view, and before them those that
 * only left it for being old. What lies between and is gone was taken out.
 */
export function together(known, items) {
  const first = items[0]?.item.position ?? 0;
  return [...known.filter(({ item }) => item.position < first), ...items];
}
