// Icons that only the desk and the replay need: the live page is light.
import { PATHS } from "./icons.js";

Object.assign(PATHS, {
  down: "m6 10 6 6 6-6",
  play: "M7 4.5v15l12-7.5-12-7.5Z",
  pause: "M8 5v14M16 5v14",
  previous: "M18 5 8 12l10 7V5ZM6 5v14",
  next: "m6 5 10 7-10 7V5Zm12 0v14",
  hide: "M4 4l16 16M10 6.3A9 9 0 0 1 12 6c5 0 8.5 6 8.5 6a16 16 0 0 1-2.7 3.4M6.3 8.3A16 16 0 0 0 3.5 12S7 18 12 18a8 8 0 0 0 3.5-.8M10 10a3 3 0 0 0 4 4",
  restore: "M4 12a8 8 0 1 0 2.5-5.8M4 4v4h4",
  remove: "M6 6l12 12M18 6 6 18",
});
