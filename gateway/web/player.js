// Where the listener is in a talk: the same few words for a recording and for a talk that has none.
import { FramePlayer } from "./frameplayer.js";
import { signal } from "./vendor/preact.js";

const FOLLOWS_MS = 200;

/** Plays a native `<audio>` or `<video>`. */
export class MediaPlayer {
  now = signal(0);
  isPlaying = signal(false);

  constructor(media) {
    this.media = media;
    const follow = () => {
      this.now.value = media.currentTime;
      this.isPlaying.value = !media.paused;
    };
    for (const happening of ["play", "pause", "timeupdate", "seeking", "seeked"]) {
      media.addEventListener(happening, follow);
    }
  }

  seek(seconds) {
    this.media.currentTime = seconds;
    this.now.value = seconds;
  }

  toggle() {
    if (this.media.paused) this.media.play().catch(() => {});
    else this.media.pause();
  }

  close() {}    // a browser stops what leaves the page
}

/** Moves through a talk without a recording at the pace of the clock. */
export class ClockPlayer {
  now = signal(0);
  isPlaying = signal(false);
  #ticking = 0;

  constructor(durationS) {
    this.durationS = durationS;
  }

  seek(seconds) {
    this.now.value = Math.min(seconds, this.durationS);
  }

  toggle() {
    clearInterval(this.#ticking);
    this.isPlaying.value = !this.isPlaying.value;
    if (!this.isPlaying.value) return;
    let before = performance.now();
    this.#ticking = setInterval(() => {
      const clock = performance.now();
      this.seek(this.now.value + (clock - before) / 1_000);
      before = clock;
      if (this.now.value >= this.durationS) this.toggle();
    }, FOLLOWS_MS);
  }

  close() {
    clearInterval(this.#ticking);
  }
}

const ORDERS = {
  youtube: {
    play: { event: "command", func: "playVideo" },
    pause: { event: "command", func: "pauseVideo" },
    seek: (seconds) => ({ event: "command", func: "seekTo", args: [seconds, true] }),
  },
  vimeo: {
    play: { method: "play" },
    pause: { method: "pause" },
    seek: (value) => ({ method: "setCurrentTime", value }),
  },
};

/** Plays what a video site shows in a frame, by messages. */
export class FramedPlayer extends FramePlayer {
  now = signal(0);
  isPlaying = signal(false);
  #orders;
  #following;
  #hasPlayed = false;

  constructor(frame, how) {
    super(frame, how);
    this.#orders = ORDERS[how];
    this.#following = setInterval(() => this.#follow(), FOLLOWS_MS);
  }

  /** Before it has played it would begin to by this; then it goes there when somebody presses play. */
  seek(seconds) {
    this.now.value = seconds;
    if (!this.#hasPlayed) return;
    this.known = { at: seconds, heardAt: performance.now() };
    this.say(this.#orders.seek(seconds));
  }

  toggle() {
    this.say(this.#orders[this.isPlaying.peek() ? "pause" : "play"]);
  }

  close() {
    super.close();
    clearInterval(this.#following);
  }

  #follow() {
    const at = this.position();
    this.isPlaying.value = at >= 0;
    if (this.#hasPlayed) {
      this.now.value = at >= 0 ? at : this.known.at;
    } else if (at >= 0) {
      this.#hasPlayed = true;
      if (this.now.peek()) this.seek(this.now.peek());
    }
  }
}
