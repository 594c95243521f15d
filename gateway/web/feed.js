// The feed: one list of lines, questions, answers, posts and notices, the newest at the end.
import { VoteButton } from "./ballot.js";
import { Chips } from "./choices.js";
import { PAGE, together } from "./history.js";
import { differs } from "./memo.js";
import { Name, Text } from "./text.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./vendor/preact.js";
import { t, timeOfDay } from "./words.js";

const NEAR_END_PX = 48;
const NEAR_START_PX = 400;
const MOST_ROWS = 200;      // in the page at a time
const LIST_ROWS = 20;
const STEP_ROWS = 100;      // that come in at one end, and leave at the other, of who reads further up

const KINDS = {
  all: null,
  lines: ["line", "notice"],
  questions: ["question", "answer", "reply"],
  posts: ["post"],
};
const TAGGED = KINDS.questions;

export const FeedFilter = ({ choice }) => {
  const options = Object.fromEntries(Object.keys(KINDS).map((name) => [name, t(`feed.${name}`)]));
  return html`<${Chips} label=${t("feed.filter")} chosen=${choice} options=${options} />`;
};

const topOf = (node) => node.getBoundingClientRect().top;

/** Where a post was caught, with a link to it. */
export const Source = ({ item }) => {
  if (item.kind !== "post") return null;
  const source = item.source || t("kind.post");
  if (!/^https?:/.test(item.url)) return html`<span class="source">${source}</span>`;
  return html`<a class="source" href=${item.url} target="_blank" rel="noopener nofollow ugc">${source}</a>`;
};

const Author = ({ item }) =>
  item.kind === "notice" ? html`<span class="name">${t("kind.notice")}</span>` : html`<${Name} by=${item.by} />`;

/** One row; with `onVote` it carries the vote of the question it asked. */
const Row = ({ id, item, isMine, actions, state, onVote, ...vote }) => html`
  <li class="row" data-kind=${item.kind} data-mine=${isMine} data-state=${state ?? ""} data-item=${id}>
    <div class="row-head">
      <${Author} item=${item} />
      ${TAGGED.includes(item.kind) && html`<span class="tag">${t(`kind.${item.kind}`)}</span>`}
      ${item.pinned && html`<span class="tag">${t("feed.pinned")}</span>`}
      <${Source} item=${item} />
      ${item.at && html`<time dateTime=${item.at}>${timeOfDay(item.at)}</time>`}
      ${actions?.(id, item)}
    </div>
    <p class="row-text" dir="auto">
      <${Text} text=${item.text} />${item.edited && html` <small>${t("feed.edited")}</small>`}
    </p>
    ${onVote && html`<${VoteButton} ...${{ id, onVote, text: item.text, ...vote }} />`}
    ${state && html`<p class="row-state">${t(`item.${state}`, item)}</p>`}
  </li>`;

/** Rows by record: one that would look the same is the same node, and is passed over when drawing. */
function useRows() {
  const drawn = useRef(new WeakMap()).current;
  return (props) => {
    const before = drawn.get(props.item);
    if (before && !differs(before.props, props)) return before.node;
    const node = html`<${Row} key=${props.id} ...${props} />`;
    drawn.set(props.item, { props, node });
    return node;
  };
}

/**
 * Rows in lists of some: a full one stays as it is while others come at the end, so that the browser
 * lays out and paints the last one alone. Unless all rows are to be seen, a list leaves whole.
 */
function useLists() {
  const drawn = useRef([]);
  return (rows, isWhole) => {
    const before = new Map(drawn.current.map((list) => [list.at, list]));
    const lists = [];
    const isAnew = isWhole || !rows.some(({ at }) => before.has(at));
    for (const { at, node } of rows) {
      if (before.has(at) || (lists.length ? lists.at(-1).nodes.length >= LIST_ROWS : isAnew)) lists.push({ at, nodes: [] });
      lists.at(-1)?.nodes.push(node);
    }
    drawn.current = lists.map(({ at, nodes }) => {
      const same = before.get(at);
      return same && !differs(same.nodes, nodes) ? same : { at, nodes, node: html`<ol key=${at} class="rows">${nodes}</ol>` };
    });
    return drawn.current;
  };
}

/**
 * The list itself. It follows the newest row while the reader is at its end. Further up it keeps
 * what is read in its place, fetches what was said before, and tells how much came meanwhile.
 *
 * @param pending rows of my own that the feed does not have (yet)
 * @param me my attendee id, and `own` the ids of what only I am told to be mine
 * @param actions buttons for (id, item), made when the row changes
 * @param ballot of a question's row: `(id) => {votes, voted, canVote, onVote}`, or nothing
 * @param earlier reads the rows before a position; without it the feed begins with those of the view
 */
export function Feed({ items, pending = [], me = "", own = {}, choice = "all", actions, ballot, earlier, empty }) {
  const box = useRef();
  const list = useRef();
  const known = useRef(items);
  const [reading, setReading] = useState(null);    // {from, leftAt}: positions of who reads further up
  const held = useRef(null);                       // the row whose place is kept: {node, at}
  const fetching = useRef(false);
  const [isWhole, setWhole] = useState(!earlier);  // nothing was said before
  const rowOf = useRows();
  const listsOf = useLists();

  known.current = reading ? together(known.current, items) : items;
  const listed = KINDS[choice] ? known.current.filter(({ item }) => KINDS[choice].includes(item.kind)) : known.current;
  const start = Math.max(0, reading ? listed.findIndex(({ item }) => item.position >= reading.from) : listed.length - MOST_ROWS);
  const shown = listed.slice(start, start + MOST_ROWS);
  const isLast = start + shown.length === listed.length;
  const lists = listsOf(shown.map(({ id, item }) => {
    const isMine = (me !== "" && item.by.id === me) || id in own;
    return { at: item.position, node: rowOf({ id, item, isMine, actions, ...(item.kind === "question" && ballot?.(id)) }) };
  }), reading || shown.length < MOST_ROWS);
  const fresh = reading ? listed.filter(({ item }) => item.position > reading.leftAt).length : 0;

  const follow = () => !reading && !held.current && box.current && (box.current.scrollTop = box.current.scrollHeight);

  /** Keep the first row that is seen where it is, whatever comes in above it. */
  const hold = () => {
    const top = topOf(box.current);
    const node = [...list.current.querySelectorAll("li")].find((row) => row.getBoundingClientRect().bottom > top);
    held.current = node && { node, at: topOf(node) };
  };

  const turnTo = (row) => {
    hold();
    setReading((now) => now && { ...now, from: row.item.position });
  };

  const goUp = async () => {
    if (start > 0) return turnTo(listed[Math.max(0, start - STEP_ROWS)]);
    if (isWhole || fetching.current || !known.current.length) return;
    fetching.current = true;
    const rows = await earlier(known.current[0].item.position).catch(() => null);
    fetching.current = false;
    if (!rows) return;                  // offline, say: the next movement asks again
    if (rows.length < PAGE) setWhole(true);
    known.current = [...rows, ...known.current];
    if (rows.length) turnTo(rows[0]);
  };

  // Rows that leave leave their room: the others stay where they are painted.
  const first = !reading && lists[0] && list.current?.querySelector(`[data-item="${lists[0].nodes[0].key}"]`);
  const room = first ? topOf(first) - topOf(list.current) : 0;
  useLayoutEffect(() => {
    list.current.style.paddingBlockStart = `${room}px`;
    if (held.current?.node.isConnected) {
      box.current.scrollTop += topOf(held.current.node) - held.current.at;
    }
    held.current = null;
    requestAnimationFrame(follow);      // the frame lays out anyway; who begins to scroll before it is let go
    if (reading && box.current.scrollTop < NEAR_START_PX) goUp();
  }, [items, pending, choice, reading, isWhole]);
  useEffect(() => {
    const watcher = new ResizeObserver(follow);
    watcher.observe(box.current);
    return () => watcher.disconnect();
  }, [reading]);

  const scrolled = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    const isNearEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (isNearEnd && isLast) return reading && setReading(null);
    if (!reading) {
      hold();
      return shown.length && setReading({ from: shown[0].item.position, leftAt: items.at(-1)?.item.position ?? 0 });
    }
    if (isNearEnd) turnTo(listed[start + STEP_ROWS]);
    else if (scrollTop < NEAR_START_PX) goUp();
  };
  const back = () => {
    setReading(null);
    box.current.focus();
  };

  return html`
    <div class="feed">
      <div class="feed-box" role="log" aria-live="off" aria-label=${t("feed.name")} tabindex="0"
        ref=${box} onScroll=${scrolled}>
        ${shown.length + pending.length === 0 && html`<p class="empty">${empty}</p>`}
        ${reading && earlier && isWhole && start === 0 && html`<p class="feed-start">${t("feed.start")}</p>`}
        <div ref=${list}>
          ${lists.map(({ node }) => node)}
          ${isLast && pending.length > 0 && html`<ol class="rows">${pending.map(({ id, item, state }) => html`
            <${Row} key=${id} ...${{ id, item, state, isMine: true, actions }} />`)}</ol>`}
        </div>
      </div>
      ${reading && html`
        <button type="button" class="fresh" onClick=${back}>
          ${fresh > 0 ? t("feed.fresh", { n: fresh }) : t("feed.toEnd")}</button>`}
    </div>`;
}
