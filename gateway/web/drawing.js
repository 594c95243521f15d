// When to draw: the first change at once, a storm of them in few drawings.
const LEAST_REST_MS = 100;    // nobody reads faster
const MOST_REST_MS = 600;
const SLOW_MS = 34;          // two frames of a screen
const RESTS = 8;              // times as long as a drawing took: a slow phone keeps its time for fingers

let tookMs = 0;

/** Whether drawing leaves this browser time for what only looks nice. */
export const hasTimeToSpare = () => tookMs < SLOW_MS;

export class Drawing {
  #draw;
  #isDue = false;
  #drewAt = 0;
  #restMs = 0;

  /** @param draw hands the newest state to the page */
  constructor(draw) {
    this.#draw = draw;
  }

  /** Draw in the next animation frame, or when the rest after the last drawing is over. */
  soon() {
    if (this.#isDue) return;
    this.#isDue = true;
    const wait = Math.max(0, this.#drewAt + this.#restMs - performance.now());
    // A hidden page gets no animation frames: it draws when it is looked at again.
    setTimeout(() => requestAnimationFrame(() => this.#now()), wait);
  }

  #now() {
    this.#isDue = false;
    this.#drewAt = performance.now();
    this.#restMs = LEAST_REST_MS;
    this.#draw();
    // The frame after this one begins when layout and paint are done.
    requestAnimationFrame(() => {
      tookMs = performance.now() - this.#drewAt;
      this.#restMs = Math.min(MOST_REST_MS, Math.max(LEAST_REST_MS, RESTS * tookMs));
    });
  }
}
