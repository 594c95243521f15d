// Merging by drag: a question dropped on another joins it. The keyboard has "Merge into…" for that.
import { act, room } from "./acting.js";
import { say } from "./toast.js";
import { t } from "./words.js";

const QUESTION = "application/x-hearhear-question";

const isOurs = (drag) => drag.dataTransfer.types.includes(QUESTION);

/** Only what stands still open can be told to join another. */
const canJoin = (question) => question.state === "open";

async function drop(event, into) {
  const question = event.dataTransfer.getData(QUESTION);
  delete event.currentTarget.dataset.over;
  if (!question || question === into) return;
  event.preventDefault();
  if (await act("merge_questions", { question, into })) say(t("more.merged"));
}

/** What a row of the ballot listens to. */
export const dragging = (id, question) => ({
  draggable: canJoin(question),
  onDragStart: (drag) => {
    drag.dataTransfer.setData(QUESTION, id);
    drag.dataTransfer.setData("text/plain", room.view.peek().questions[id]?.text ?? "");
    drag.dataTransfer.effectAllowed = "move";
  },
  onDragOver: (drag) => {
    if (!isOurs(drag)) return;
    drag.preventDefault();
    drag.currentTarget.dataset.over = "true";
  },
  onDragLeave: (drag) => delete drag.currentTarget.dataset.over,
  onDrop: (event) => drop(event, id),
});
