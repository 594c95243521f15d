// Keeps the display on while somebody reads it from afar.

const hold = () => {
  if (document.hidden) return;
  // Refused on low battery or over plain http: then the display sleeps when its owner says so.
  navigator.wakeLock?.request("screen").catch(() => {});
};

/** Ask for it now, and again each time the page is looked at: hiding it gives the lock back. */
export function keepAwake() {
  hold();
  document.addEventListener("visibilitychange", hold);
}
