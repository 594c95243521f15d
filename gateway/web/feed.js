// The feed: one list of lines, questions, answers, posts and notices, the newest at the end.
import { VoteButton } from "./ballot.js";
import { memo } from "./memo.js";
import { Name, Text } from "./text.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./vendor/preact.js";
import { t, timeOfDay } from "./words.js";

/** Items of a feed by position of posting. */
export const inOrder = (feed) =>
  Object.entries(feed ?? {})
    .map(([id, item]) => ({ id, item }))
    .sort((one, other) => one.item.position - other.item.position);

const CHOICES = {
  all: () => true,
  lines: ({ item }) => item.kind === "line" || item.kind === "notice",
  questions: ({ item }) => item.kind === "question" || item.kind === "answer" || item.kind === "reply",
  posts: ({ item }) => item.kind === "post",
};

export const FeedFilter = ({ choice }) => html`
  <div class="chips" role="group" aria-label=${t("feed.filter")}>
    ${Object.keys(CHOICES).map((name) => html`
      <button key=${name} type="button" class="chip" aria-pressed=${choice.value === name}
        onClick=${() => (choice.value = name)}>${t(`feed.${name}`)}</button>`)}
  </div>`;

const Source = ({ item }) => {
  if (item.kind !== "post") return null;
  const source = item.source || t("kind.post");
  const isAddress = /^https?:/.test(item.url);
  return isAddress
    ? html`<a class="source" href=${item.url} target="_blank" rel="noopener nofollow ugc">${source}</a>`
    : html`<span class="source">${source}</span>`;
};

/** One row. `actions` may add buttons; it is called only when the row itself changes. */
const Row = memo(({ id, item, isMine, actions, state, votes, voted, canVote, onVote }) => html`
  <li class="row" data-kind=${item.kind} data-mine=${isMine} data-state=${state ?? ""} data-item=${id}>
    <div class="row-head">
      ${item.kind === "notice" ? html`<span class="name">${t("kind.notice")}</span>` : html`<${Name} by=${item.by} />`}
      ${["question", "answer", "reply"].includes(item.kind) && html`<span class="tag">${t(`kind.${item.kind}`)}</span>`}
      <${Source} item=${item} />
      ${item.pinned && html`<span class="tag">${t("feed.pinned")}</span>`}
      <time dateTime=${item.at}>${timeOfDay(item.at)}</time>
      ${actions?.(id, item)}
    </div>
    <p class="row-text" dir="auto"><${Text} text=${item.text} />${item.edited && html` <small>${t("feed.edited")}</small>`}</p>
    ${onVote && html`<${VoteButton} id=${id} votes=${votes} voted=${voted} canVote=${canVote} onVote=${onVote} text=${item.text} />`}
    ${state && html`<p class="row-state">${t(`item.${state}`)}</p>`}
  </li>`);

/**
 * The list itself. It follows the newest row while the reader is at its end, and says how many
 * came while they were reading further up.
 *
 * @param ballot what to show and do for the question of a row: `(id) => {votes, voted, canVote, onVote}`
 */
export function Feed({ items, pending = [], me = "", choice = "all", actions, ballot, empty }) {
  const box = useRef();
  const atEnd = useRef(true);
  const [leftAt, setLeftAt] = useState(null);
  const shown = items.filter(CHOICES[choice]);
  const last = items.at(-1)?.item.position ?? 0;

  const toEnd = () => (box.current.scrollTop = box.current.scrollHeight);
  useLayoutEffect(() => {
    if (atEnd.current) toEnd();
  }, [items, pending, choice]);
  useEffect(() => {
    const watcher = new ResizeObserver(() => atEnd.current && toEnd());
    watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);

  const scrolled = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < 48;
    if (isAtEnd === atEnd.current) return;
    atEnd.current = isAtEnd;
    setLeftAt(isAtEnd ? null : last);
  };
  const fresh = leftAt === null ? 0 : shown.filter(({ item }) => item.position > leftAt).length;

  return html`
    <div class="feed">
      <div class="feed-box" role="log" aria-live="off" aria-label=${t("feed.name")} tabindex="0" ref=${box} onScroll=${scrolled}>
        ${shown.length + pending.length === 0 && html`<p class="empty">${empty}</p>`}
        <ol class="rows">
          ${shown.map(({ id, item }) => html`
            <${Row} key=${id} id=${id} item=${item} isMine=${me !== "" && item.by?.id === me}
              actions=${actions} ...${item.kind === "question" ? ballot?.(id) : undefined} />`)}
          ${pending.map(({ id, item, state }) => html`
            <${Row} key=${id} id=${id} item=${item} isMine=${true} state=${state} />`)}
        </ol>
      </div>
      ${fresh > 0 && html`
        <button type="button" class="fresh" onClick=${toEnd}>${t("feed.fresh", { n: fresh })}</button>`}
    </div>`;
}
