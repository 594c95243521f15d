// What the room felt at this second, and the same buttons for whoever listens now: a curve of their own.
import { Join } from "./join.js";
import { FeedbackBar } from "./pulse.js";
import { comeIn, hasEnded, hasJoined, now, tick, view } from "./replaying.js";
import { html, signal } from "./vendor/preact.js";
import { t } from "./words.js";

const FADES_AFTER_S = 12;

const wanted = signal("");      // what somebody new pressed: it counts as soon as they said their name

/** The pulse while it was warm; in the replay its seconds pass with the recording, not with the clock. */
function pulseAt(second, pulse) {
  const age = second - (pulse.from_s + pulse.window_s);
  return age < FADES_AFTER_S ? pulse : { ...pulse, kinds: {} };
}

function press(kind) {
  if (hasJoined.value) tick(kind);
  else wanted.value = kind;
}

hasJoined.subscribe((isKnown) => {
  if (!isKnown || !wanted.peek()) return;
  tick(wanted.peek());
  wanted.value = "";
});

export function Felt() {
  const room = view.value;
  if (!room) return null;
  return html`
    <section class="felt" aria-labelledby="felt">
      <h2 id="felt" class="felt-name">${t("replay.felt")}</h2>
      <${FeedbackBar} kinds=${room.talk.kinds} pulse=${pulseAt(now.value, room.pulse)} onTick=${press} isOpen=${hasEnded.value} />
      <p class="hint">${t("replay.feltHint")}</p>
      ${wanted.value && html`<${Join} onJoined=${comeIn} />`}
    </section>`;
}
