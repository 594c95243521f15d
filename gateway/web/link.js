// Giving a link to others: into the clipboard, or shown where there is none.
import { say } from "./toast.js";

export async function copyLink(address, words) {
  try {
    await navigator.clipboard.writeText(address);
    say(words);
  } catch {
    say(address);
  }
}
