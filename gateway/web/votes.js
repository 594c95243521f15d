// My votes, shown the moment I press: a wish stands in for the fact until the views have caught up,
// and is taken back if the gateway refuses.
import { effect, signal } from "./vendor/preact.js";

export class Votes {
  #wishes = signal({});     // question → {voted, step, position}; position once acknowledged

  /** @param onRefused told why a vote was taken back */
  constructor(live, onRefused) {
    this.live = live;
    this.onRefused = onRefused;
    effect(() => this.#forgetFulfilled());
  }

  /** What to show for a question whose tally in the view is `tally`. */
  shown(question, tally) {
    const wish = this.#wishes.value[question];
    if (!wish) return { voted: this.#stands(question), votes: tally };
    return { voted: wish.voted, votes: this.#isCounted(wish) ? tally : tally + wish.step };
  }

  async toggle(question) {
    const stood = this.#stands(question);
    const voted = !this.shown(question, 0).voted;
    const wish = { voted, step: Number(voted) - Number(stood), position: null };
    this.#wish(question, wish);
    try {
      const answer = await this.live.command(voted ? "cast_vote" : "withdraw_vote", { question });
      if (answer.position === null) this.#drop(question, wish);
      else this.#replace(question, wish, { ...wish, position: answer.position });
    } catch (refused) {
      this.#drop(question, wish);
      this.onRefused(refused);
    }
  }

  #stands = (question) => Boolean(this.live.me.value.votes?.[question]);
  #isCounted = (wish) => wish.position !== null && this.live.position.value >= wish.position;
  #wish(question, wish) {
    this.#wishes.value = { ...this.#wishes.peek(), [question]: wish };
  }

  /** A later press has made its own wish: leave that one alone. */
  #replace(question, before, after) {
    if (this.#wishes.peek()[question] === before) this.#wish(question, after);
  }

  #drop(question, wish) {
    const { [question]: current, ...others } = this.#wishes.peek();
    if (current === wish) this.#wishes.value = others;
  }

  #forgetFulfilled() {
    for (const [question, wish] of Object.entries(this.#wishes.value)) {
      if (this.#isCounted(wish) && this.#stands(question) === wish.voted) this.#drop(question, wish);
    }
  }
}
