// Where the listener is in a talk: the same few words for a recording and for a talk that has none.
import { signal } from "./vendor/preact.js";

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
    }, 200);
  }
}
