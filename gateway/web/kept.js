// What a browser keeps for us, by name. A frame of another site may be allowed nothing: then it is
// kept as long as the page.

class Kept {
  #memory = new Map();
  #open;

  /** @param open gives the storage, or throws where there is none to have */
  constructor(open) {
    this.#open = open;
  }

  get(key) {
    try {
      return this.#open().getItem(key) ?? this.#memory.get(key) ?? null;
    } catch {
      return this.#memory.get(key) ?? null;
    }
  }

  set(key, value) {
    this.#memory.set(key, value);
    try {
      this.#open().setItem(key, value);
    } catch {
      // No room, or no permission.
    }
  }

  remove(key) {
    this.#memory.delete(key);
    try {
      this.#open().removeItem(key);
    } catch {
      // Nothing was kept there.
    }
  }
}

export const inTab = new Kept(() => sessionStorage);
export const inBrowser = new Kept(() => localStorage);
