// The feed: one list of lines, questions, answers, posts and notices, the newest at the end.
import { VoteButton } from "./ballot.js";
import { Chips } from "./choices.js";
import { memo } from "./memo.js";
import { Name, Text } from "./text.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./vendor/preact.js";
import { t, timeOfDay } from "./words.js";

const NEAR_END_PX = 48;

/** Items of a feed by position of posting. */
export const inOrder = (feed) =>
  Object.entries(feed ?? {})
    .map(([id, item]) => ({ id, item }))
    .sort((one, other) => one.item.position - other.item.position);

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

/** Where a post was caught, with a link to it. */
export const Source = ({ item }) => {
  if (item.kind !== "post") return null;
  const source = item.source || t("kind.post");
  if (!/^https?:/.test(item.url)) return html`<span class="source">${source}</span>`;
  return html`<a class="source" href=${item.url} target="_blank" rel="noopener nofollow ugc">${source}</a>`;
};

const Author = ({ item }) =>
  item.kind === "notice" ? html`<span class="name">${t("kind.notice")}</span>` : html`<${Name} by=${item.by} />`;

const Tag = ({ children }) => html`<span class="tag">${children}</span>`;

/** One row; with `onVote` it carries the vote of the question it asked. */
const Row = memo(({ id, item, isMine, actions, state, onVote, ...vote }) => html`
  <li class="row" data-kind=${item.kind} data-mine=${isMine} data-state=${state ?? ""} data-item=${id}>
    <div class="row-head">
      <${Author} item=${item} />
      ${TAGGED.includes(item.kind) && html`<${Tag}>${t(`kind.${item.kind}`)}<//>`}
      ${item.pinned && html`<${Tag}>${t("feed.pinned")}<//>`}
      <${Source} item=${item} />
      ${item.at && html`<time dateTime=${item.at}>${timeOfDay(item.at)}</time>`}
      ${actions?.(id, item)}
    </div>
    <p class="row-text" dir="auto">
      <${Text} text=${item.text} />${item.edited && html` <small>${t("feed.edited")}</small>`}
    </p>
    ${onVote && html`<${VoteButton} ...${{ id, onVote, text: item.text, ...vote }} />`}
    ${state && html`<p class="row-state">${t(`item.${state}`, item)}</p>`}
  </li>`);

/**
 * The list itself. It follows the newest row while the reader is at its end, and says how many
 * came while they were reading further up.
 *
 * @param pending rows of my own that the feed does not have (yet)
 * @param me my attendee id
 * @param actions buttons for (id, item), made when the row changes
 * @param ballot of a question's row: `(id) => {votes, voted, canVote, onVote}`, or nothing
 */
export function Feed({ items, pending = [], me = "", choice = "all", actions, ballot, empty }) {
  const box = useRef();
  const atEnd = useRef(true);
  const [leftAt, setLeftAt] = useState(null);
  const shown = items.filter(({ item }) => KINDS[choice]?.includes(item.kind) ?? true);

  const toEnd = () => (box.current.scrollTop = box.current.scrollHeight);
  const follow = () => atEnd.current && toEnd();
  useLayoutEffect(() => void follow(), [items, pending, choice]);
  useEffect(() => {
    const watcher = new ResizeObserver(follow);
    watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);

  const scrolled = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (isAtEnd === atEnd.current) return;
    atEnd.current = isAtEnd;
    setLeftAt(isAtEnd ? null : items.at(-1)?.item.position ?? 0);
  };
  const fresh = leftAt === null ? 0 : shown.filter(({ item }) => item.position > leftAt).length;

  return html`
    <div class="feed">
      <div class="feed-box" role="log" aria-live="off" aria-label=${t("feed.name")} tabindex="0"
        ref=${box} onScroll=${scrolled}>
        ${shown.length + pending.length === 0 && html`<p class="empty">${empty}</p>`}
        <ol class="rows">
          ${shown.map(({ id, item }) => {
            const isMine = me !== "" && item.by?.id === me;
            const vote = item.kind === "question" ? ballot?.(id) : undefined;
            return html`<${Row} key=${id} ...${{ id, item, isMine, actions, ...vote }} />`;
          })}
          ${pending.map(({ id, item, state }) => html`
            <${Row} key=${id} ...${{ id, item, state, isMine: true, actions }} />`)}
        </ol>
      </div>
      ${fresh > 0 && html`
        <button type="button" class="fresh" onClick=${toEnd}>${t("feed.fresh", { n: fresh })}</button>`}
    </div>`;
}
