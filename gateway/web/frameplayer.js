// Where a player in a frame is. It tells by messages, so no script of its makers runs in our page.

const HEARD_OF = {
  youtube: {
    asks: [{ event: "listening", id: 1, channel: "widget" }],
    hears: (said) => ({ at: said.info?.currentTime, isPlaying: said.info?.playerState && said.info.playerState === 1 }),
  },
  vimeo: {
    asks: ["timeupdate", "play", "pause"].map((value) => ({ method: "addEventListener", value })),
    hears: (said) => ({ at: said.data?.seconds, isPlaying: said.event && said.event !== "pause" }),
  },
};

const ASKS_AGAIN_MS = 1_000;    // a frame that still loads hears nothing

export class FramePlayer {
  known;          // {at, heardAt}
  #isPlaying = false;
  #asking = 0;
  #frame;
  #origin;
  #kind;

  constructor(frame, how) {
    this.#frame = frame;
    this.#origin = new URL(frame.src).origin;
    this.#kind = HEARD_OF[how];
    addEventListener("message", this.#hear);
    this.#asking = setInterval(this.#ask, ASKS_AGAIN_MS);
  }

  /** Seconds of the media's own clock, or −1 while it rests or has not said anything. */
  position() {
    if (!this.known || !this.#isPlaying) return -1;
    return this.known.at + (performance.now() - this.known.heardAt) / 1_000;
  }

  close() {
    clearInterval(this.#asking);
    removeEventListener("message", this.#hear);
  }

  say(words) {
    this.#frame.contentWindow?.postMessage(JSON.stringify(words), this.#origin);
  }

  #ask = () => this.#kind.asks.forEach((words) => this.say(words));

  #hear = ({ source, origin, data }) => {
    if (source !== this.#frame.contentWindow || origin !== this.#origin) return;
    clearInterval(this.#asking);
    const said = typeof data === "string" ? JSON.parse(data) : data;
    if (said.event === "ready") this.#ask();
    const { at, isPlaying } = this.#kind.hears(said);
    this.#isPlaying = isPlaying ?? this.#isPlaying;
    if (Number.isFinite(at)) this.known = { at, heardAt: performance.now() };
  };
}
