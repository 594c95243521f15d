// One field that says or asks: Enter says, Ctrl+Enter asks, and a text that ends in a question mark
// offers the asking first.
import { sayRefused } from "./toast.js";
import { html, useRef, useState } from "./vendor/preact.js";
import { t } from "./words.js";

const LONGEST_TEXT = 2_000;
const readsAsQuestion = (text) => /[?？؟]\s*$/.test(text);

/** @param {(kind: "line" | "question", text: string) => Promise<void>} send rejects when refused */
export function Composer({ send, isOpen }) {
  const field = useRef();
  const [text, setText] = useState("");
  const asks = readsAsQuestion(text);

  const submit = async (kind) => {
    const said = text.trim();
    if (!said) return field.current.focus();
    setText("");
    field.current.focus();
    try {
      await send(kind, said);
    } catch (refused) {
      sayRefused(refused);
      // The text comes back, unless something new is being written.
      setText((written) => written || said);
    }
  };

  const onKeyDown = (key) => {
    if (key.key !== "Enter" || key.shiftKey || key.isComposing) return;
    key.preventDefault();
    submit(key.ctrlKey || key.metaKey ? "question" : "line");
  };

  const button = (kind, words, isFirst) => html`
    <button type="button" class=${isFirst ? "button primary" : "button"} onClick=${() => submit(kind)}>${words}</button>`;

  if (!isOpen) return html`<p class="composer-closed">${t("composer.doorsClosed")}</p>`;
  return html`
    <form class="composer" onSubmit=${(event) => event.preventDefault()}>
      <label class="unseen" for="composer-text">${t("composer.label")}</label>
      <textarea id="composer-text" ref=${field} rows="1" dir="auto" enterkeyhint="send"
        maxlength=${LONGEST_TEXT} aria-describedby="composer-hint" placeholder=${t("composer.placeholder")} value=${text}
        onInput=${(event) => setText(event.target.value)} onKeyDown=${onKeyDown}></textarea>
      ${button("line", t("composer.say"), !asks)}
      ${button("question", t("composer.ask"), asks)}
      <p class="composer-hint" id="composer-hint">${t(asks ? "composer.looksLikeQuestion" : "composer.hint")}</p>
    </form>`;
}
