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

  /** Draw after the next animation frame, or when the rest after the last drawing is over. */
  soon() {
    if (this.#isDue) return;
    this.#isDue = true;
    const wait = Math.max(0, this.#drewAt + this.#restMs - performance.now());
    // A hidden page gets no animation frames: it draws when it is looked at again. A page in sight draws
    // right after a frame, in a task of its own: the next frame has layout and paint alone.
    setTimeout(() => requestAnimationFrame(() => setTimeout(() => this.#now())), wait);
  }

  #now() {
    this.#isDue = false;
    this.#drewAt = performance.now();
    this.#restMs = LEAST_REST_MS;
    let drewMs = 0;
    this.#draw();
    queueMicrotask(() => (drewMs = performance.now() - this.#drewAt));    // it is drawn in an earlier one
    requestAnimationFrame(() => {
      const framedAt = performance.now();
      // The task after this frame begins when layout and paint are done.
      setTimeout(() => {
        tookMs = drewMs + performance.now() - framedAt;
        this.#restMs = Math.min(MOST_REST_MS, Math.max(LEAST_REST_MS, RESTS * tookMs));
      });
    });
  }
}
