// A question before something that people will notice; Escape leaves all as it is.
import { html, useEffect, useRef } from "./vendor/preact.js";
import { t } from "./words.js";

/** A box above the page; what is in it is made anew each time it opens. */
export function Box({ title, isOpen, onClose, children }) {
  const box = useRef();
  useEffect(() => {
    if (isOpen) box.current.showModal();
    else box.current.close();
  }, [isOpen]);
  return html`
    <dialog class="ask" ref=${box} onClose=${onClose} aria-label=${title}>${isOpen && children}</dialog>`;
}

/** @param onYes gets what the form's fields hold, by name */
export function Ask({ title, yes, isOpen, onClose, onYes, children }) {
  const decide = (submit) => {
    submit.preventDefault();
    onYes(Object.fromEntries(new FormData(submit.target)));
    onClose();
  };

  return html`
    <${Box} ...${{ title, isOpen, onClose }}>
      <form onSubmit=${decide}>
        <h2>${title}</h2>
        ${children}
        <p class="ask-choice">
          <button type="button" class="button" onClick=${onClose}>${t("ask.no")}</button>
          <button class="button primary">${yes}</button>
        </p>
      </form>
    <//>`;
}
