// Insight: when people came, how topics landed and what was asked, as curves with their numbers and their SQL.
import { read, talkOfPage, talkPath } from "./api.js";
import { Chart, styleOf } from "./chart.js";
import { clockTime } from "./clocktime.js";
import { BUCKETS, measuresOf, seriesOf, votesByQuestion } from "./measures.js";
import { queryOf } from "./queries.js";
import { redeemCode } from "./session.js";
import { StateBadge, topicsInOrder } from "./stage.js";
import { Loading, Still } from "./states.js";
import { html, render, signal, useEffect, useRef, useState } from "./vendor/preact.js";
import { count, t } from "./words.js";

const FORMS = ["csv", "jsonl", "parquet"];
const CURVE = { width: 144, height: 32 };

const shown = signal([talkOfPage()]);     // one talk, or two side by side
const talks = signal([]);
const bucket = signal("10s");
const range = signal(null);               // the seconds to look at, the same in all charts
const failure = signal("");

const fewer = (people) => (people < 0 ? t("insight.fewer") : count(people));

const Part = ({ id, title, children }) => html`
  <section class="insight-part" aria-labelledby=${id}><h3 id=${id}>${title}</h3>${children}</section>`;

/** Under every chart: its numbers to take along, and how to ask for them. */
function Foot({ paths, sql }) {
  return html`
    <p class="insight-foot"><span>${t("insight.download")}</span>
      ${FORMS.map((form) => html`<a key=${form} class="quiet" href=${paths(form)} download>${t(`insight.as.${form}`)}</a>`)}</p>
    <details><summary>${t("insight.sql")}</summary><pre><code>${sql}</code></pre></details>`;
}

const tableFile = (talk, table) => (form) => talkPath(talk, `/tables/${table}.${form}`);

/** The numbers of a chart, for whoever can't see it. */
const Numbers = ({ caption, head, rows }) => html`
  <details><summary>${t("insight.numbers")}</summary>
    <div class="insight-scroll" tabindex="0" role="group" aria-label=${caption}>
      <table><caption>${caption}</caption>
        <thead><tr>${head.map((name, place) => html`<th key=${place} scope="col" class=${place ? "number" : ""}>${name}</th>`)}</tr></thead>
        <tbody>${rows.map((row) => html`
          <tr key=${row[0]}>${row.map((cell, place) => html`<td key=${place} class=${place ? "number" : ""}>${cell}</td>`)}</tr>`)}
        </tbody></table></div></details>`;

const Swatch = ({ place }) => {
  const mark = useRef();
  const { colour, dash } = styleOf(place);
  useEffect(() => mark.current.style.setProperty("border-block-start-color", `var(${colour})`), [place]);
  return html`<span class="insight-swatch" data-dash=${dash} ref=${mark} aria-hidden="true"></span>`;
};

const isIn = (second) => !range.value || (range.value[0] <= second && second <= range.value[1]);
const zoom = (from, to) => (range.value = [Math.max(0, from), to]);

function Feedback({ id, talk, kinds }) {
  const [series, setSeries] = useState(null);
  const [topic, setTopic] = useState("");
  const [hidden, setHidden] = useState([]);
  const [read, setRead] = useState(-1);
  useEffect(() => {
    let isOver = false;
    seriesOf(id, bucket.value, topic).then((found) => isOver || setSeries(found), fail);
    return () => { isOver = true; };
  }, [bucket.value, topic]);
  if (!series) return html`<${Part} id=${`feedback-${id}`} title=${t("insight.feedback")}><p role="status">${t("state.loading")}</p><//>`;
  const known = Object.keys(kinds).sort((one, other) => kinds[one].order - kinds[other].order);
  const given = known.filter((kind) => series.people[kind]);
  const drawn = given.filter((kind) => !hidden.includes(kind));
  const label = (kind) => kinds[kind].label;
  const toggle = (kind) => setHidden(hidden.includes(kind) ? hidden.filter((one) => one !== kind) : [...hidden, kind]);
  const words = drawn.map((kind) => {
    const most = Math.max(...series.people[kind]);
    return t("insight.highest", { kind: label(kind), n: most, at: clockTime(series.seconds[series.people[kind].indexOf(most)]) });
  }).join(" ");
  const at = series.seconds[read];
  return html`
    <${Part} id=${`feedback-${id}`} title=${t("insight.feedback")}>
      <div class="insight-chips" role="group" aria-label=${t("insight.topics")}>
        <button type="button" aria-pressed=${topic === ""} onClick=${() => { setTopic(""); range.value = null; }}>${t("insight.allTopics")}</button>
        ${topicsInOrder(talk).map((one) => html`
          <button key=${one.id} type="button" aria-pressed=${topic === one.id} onClick=${() => setTopic(one.id)}>${one.title}</button>`)}
      </div>
      ${given.length === 0 ? html`<p class="insight-note">${t("insight.nothing")}</p>` : html`
        <div class="insight-chips" role="group" aria-label=${t("insight.kinds")}>
          ${given.map((kind) => html`
            <button key=${kind} type="button" aria-pressed=${!hidden.includes(kind)} onClick=${() => toggle(kind)}>
              <${Swatch} place=${known.indexOf(kind)} />${label(kind)}</button>`)}
        </div>
        <${Chart} seconds=${series.seconds} names=${given.map(label)}
          places=${given.map((kind) => known.indexOf(kind))}
          curves=${given} values=${series.people} hidden=${hidden} range=${range.value}
          marks=${topicsInOrder(talk).map((one) => secondOf(talk, one.opened_at)).filter((second) => second >= 0)}
          words=${words} onRead=${setRead} onZoom=${zoom} />
        <p class="insight-reading" aria-hidden="true">${at === undefined ? t("insight.drag")
          : `${clockTime(at)}: ${drawn.map((kind) => `${label(kind)} ${count(series.people[kind][read])}`).join(" · ")}`}</p>`}
      <${Numbers} caption=${t("insight.feedback")} head=${[t("insight.at"), ...given.map(label)]}
        rows=${series.seconds.map((second, place) => [second, place])
          .filter(([second, place]) => isIn(second) && given.some((kind) => series.people[kind][place]))
          .map(([second, place]) => [clockTime(second), ...given.map((kind) => count(series.people[kind][place]))])} />
      <${Foot} paths=${(form) => talkPath(id, `/feedback.${form}?bucket=${bucket.value}${topic ? `&topic=${encodeURIComponent(topic)}` : "&together=true"}`)} sql=${queryOf("feedback", id, BUCKETS[bucket.value], topic)} />
    <//>`;
}

const secondOf = (talk, at) => (at && talk.started_at ? (Date.parse(at) - Date.parse(talk.started_at)) / 1_000 : -1);

function Attendance({ id, samples }) {
  const [read, setRead] = useState(-1);
  const seen = samples.filter(({ second }) => second >= 0);
  const [drawn] = useState(() => ({ seconds: seen.map(({ second }) => second), present: seen.map(({ present }) => present) }));
  const at = drawn.seconds[read];
  return html`
    <${Part} id=${`attendance-${id}`} title=${t("insight.attendance")}>
      ${seen.length < 2 ? html`<p class="insight-note">${seen.length ? t("insight.mostPresent", { n: drawn.present[0] }) : t("insight.nobodyCounted")}</p>` : html`
        <${Chart} seconds=${drawn.seconds} names=${[t("insight.present")]} places=${[0]} curves=${["present"]} values=${drawn} hidden=${[]}
          range=${range.value} steps=${true} onRead=${setRead} onZoom=${zoom}
          words=${t("insight.mostPresent", { n: Math.max(...drawn.present) })} />
        <p class="insight-reading" aria-hidden="true">${at === undefined ? "" : `${clockTime(at)}: ${count(drawn.present[read])}`}</p>
        <${Numbers} caption=${t("insight.attendance")} head=${[t("insight.at"), t("insight.present")]}
          rows=${seen.filter(({ second }) => isIn(second)).map(({ second, present }) => [clockTime(second), count(present)])} />`}
      <${Foot} paths=${tableFile(id, "attendance")} sql=${queryOf("attendance", id)} />
    <//>`;
}

const Bar = ({ share }) => {
  const bar = useRef();
  useEffect(() => { bar.current.style.width = `${100 * share}%`; }, [share]);
  return html`<span ref=${bar} aria-hidden="true"></span>`;
};

const Funnel = ({ id, steps }) => html`
  <${Part} id=${`funnel-${id}`} title=${t("insight.funnel")}>
    <ol class="funnel">
      ${["joined", "ticked", "voted", "asked"].map((step) => html`
        <li key=${step}><span>${t(`insight.${step}`)}</span>
          <span class="funnel-bar"><${Bar} share=${Math.max(0, steps[step]) / Math.max(1, steps.joined)} /><span>${fewer(steps[step])}</span></span></li>`)}
    </ol>
    <${Foot} paths=${tableFile(id, "v_funnel")} sql=${queryOf("funnel", id)} />
  <//>`;

const placeOf = (agenda, topic) => agenda.findIndex(({ id }) => id === topic);
const inOrder = (topics, agenda) =>
  [...topics].sort((one, other) => placeOf(agenda, one.topic) - placeOf(agenda, other.topic) || other.people - one.people);

const Topics = ({ id, topics, agenda, kinds }) => html`
  <${Part} id=${`topics-${id}`} title=${t("insight.byTopic")}>
    ${topics.length === 0 ? html`<p class="insight-note">${t("insight.nothing")}</p>` : html`
      <div class="insight-scroll" tabindex="0" role="group" aria-label=${t("insight.byTopic")}><table>
        <thead><tr><th scope="col">${t("insight.topic")}</th><th scope="col">${t("insight.kind")}</th>
          <th scope="col" class="number">${t("insight.people")}</th><th scope="col" class="number">${t("insight.ticks")}</th></tr></thead>
        <tbody>${inOrder(topics, agenda).map(({ topic, title, kind, people, ticks }) => html`
          <tr key=${topic + kind}><td class="words" dir="auto">${title || t("insight.noTopic")}</td><td>${kinds[kind]?.label ?? kind}</td>
            <td class="number">${count(people)}</td><td class="number">${count(ticks)}</td></tr>`)}</tbody>
      </table></div>`}
    <p class="insight-note">${t("insight.groups")}</p>
    <${Foot} paths=${tableFile(id, "v_feedback_per_topic")} sql=${queryOf("topics", id)} />
  <//>`;

/** The votes of a question over the talk, as high as the most that any question got. */
function VoteCurve({ votes, until, most }) {
  const x = (second) => (CURVE.width * Math.max(0, second)) / Math.max(1, until);
  const y = (standing) => CURVE.height - 2 - ((CURVE.height - 4) * standing) / Math.max(1, most);
  const steps = votes.map(([second, standing]) => `H${x(second).toFixed(1)}V${y(standing).toFixed(1)}`);
  return html`
    <svg class="insight-curve" viewBox=${`0 0 ${CURVE.width} ${CURVE.height}`} preserveAspectRatio="none" aria-hidden="true">
      <path d=${`M0,${y(0)}${steps.join("")}H${CURVE.width}`} /></svg>`;
}

function Questions({ id, questions, votes }) {
  const curves = votesByQuestion(votes);
  const until = Math.max(1, ...votes.map(({ second }) => second));
  const most = Math.max(1, ...votes.map((one) => one.votes));
  const asked = [...questions].sort((one, other) => other.votes - one.votes);
  return html`
    <${Part} id=${`questions-${id}`} title=${t("insight.questions")}>
      ${asked.length === 0 ? html`<p class="insight-note">${t("insight.nothingAsked")}</p>` : html`
        <div class="insight-scroll" tabindex="0" role="group" aria-label=${t("insight.questions")}><table>
          <thead><tr><th scope="col">${t("insight.question")}</th><th scope="col" class="number">${t("insight.askedAt")}</th>
            <th scope="col" class="number">${t("insight.votes")}</th><th scope="col">${t("insight.overTime")}</th></tr></thead>
          <tbody>${asked.map((one) => html`
            <tr key=${one.question}><td class="words" dir="auto">${one.text || t("insight.notShown")}</td>
              <td class="number">${one.second < 0 ? "" : clockTime(one.second)}</td><td class="number">${count(one.votes)}</td>
              <td><${VoteCurve} votes=${curves[one.question] ?? []} until=${until} most=${most} /></td></tr>`)}</tbody>
        </table></div>`}
      <${Foot} paths=${tableFile(id, "v_question_votes_over_time")} sql=${queryOf("questions", id)} />
    <//>`;
}

function TalkInsight({ id }) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    let isOver = false;
    measuresOf(id).then((measures) => isOver || setFound(measures), fail);
    return () => { isOver = true; };
  }, [id]);
  if (!found) return html`<article class="insight-talk" aria-busy="true"><p role="status">${t("state.loading")}</p></article>`;
  const { talk, attendance, topics, funnel, questions, votes } = found;
  return html`
    <article class="insight-talk" aria-labelledby=${`talk-${id}`}>
      <h2 id=${`talk-${id}`} dir="auto">${talk.title} <${StateBadge} state=${talk.state} /></h2>
      <${Feedback} id=${id} talk=${talk} kinds=${talk.kinds} />
      ${attendance && html`<${Attendance} id=${id} samples=${attendance} />`}
      ${funnel && html`<${Funnel} id=${id} steps=${funnel} />`}
      ${topics && html`<${Topics} id=${id} topics=${topics} agenda=${topicsInOrder(talk)} kinds=${talk.kinds} />`}
      ${questions && html`<${Questions} id=${id} questions=${questions} votes=${votes ?? []} />`}
      ${!attendance && html`<p class="insight-note">${t("insight.forAnalysts")}</p>`}
    </article>`;
}

function compare(other) {
  shown.value = [shown.value[0], other].filter(Boolean);
  const url = new URL(location.href);
  if (other) url.searchParams.set("with", other);
  else url.searchParams.delete("with");
  history.replaceState(null, "", url);
}

function Page() {
  if (failure.value) return html`<${Still} what=${failure.value} />`;
  if (!talks.value.length) return html`<${Loading} />`;
  const [first, second = ""] = shown.value;
  const others = talks.value.filter(({ id, started_at: startedAt }) => id !== first && startedAt);
  return html`
    <main class="insight" data-talks=${shown.value.length}>
      <header class="insight-head">
        <a class="brand" href="/">Hearhear</a>
        <h1>${t("insight.title")}</h1>
        <p class="insight-note"><a href=${`/talks/${encodeURIComponent(first)}`}>${t("insight.toTalk")}</a></p>
      </header>
      <div class="insight-choices">
        <label>${t("insight.bucket")}
          <select value=${bucket.value} onChange=${({ target }) => (bucket.value = target.value)}>
            ${Object.keys(BUCKETS).map((name) => html`<option key=${name} value=${name}>${t(`insight.per.${name}`)}</option>`)}
          </select></label>
        <label>${t("insight.compare")}
          <select value=${second} onChange=${({ target }) => compare(target.value)}>
            <option value="">${t("insight.nothingElse")}</option>
            ${others.map(({ id, title }) => html`<option key=${id} value=${id}>${title}</option>`)}
          </select></label>
        <button type="button" class="button" disabled=${!range.value} onClick=${() => (range.value = null)}>${t("insight.whole")}</button>
      </div>
      <div class="insight-talks">${shown.value.map((id) => html`<${TalkInsight} key=${id} id=${id} />`)}</div>
    </main>`;
}

function fail(refused) {
  failure.value = refused.status === 404 ? "missing" : "failed";
}

async function start() {
  render(html`<${Page} />`, document.getElementById("page"));
  try {
    await redeemCode();
    const { title } = await read(talkPath(shown.value[0]));
    document.title = `${t("insight.title")} · ${title}`;
    const { items } = await read("/api/talks");
    const other = new URLSearchParams(location.search).get("with");
    if (items.some(({ id }) => id === other)) shown.value = [shown.value[0], other];
    talks.value = items;
  } catch (refused) {
    fail(refused);
  }
}

start();
