// The pieces that dialogs are made of. Each dialog is made when it is opened and gone when it is closed.

import { button, icon, make, showText } from "./dom.js";
import { describe } from "./words.js";

let count = 0;

/** A modal sheet with a title: `body` takes its content. `onClose()` follows its end. */
export function openSheet(title, { className = "", onClose } = {}) {
  const titleID = `sheet-${++count}`;
  const heading = make("h2", { id: titleID }, title);
  const close = () => dialog.close();
  const body = make("div", { class: "sheet-body" });
  const dialog = make("dialog", { class: `sheet ${className}`, "aria-labelledby": titleID },
    make("header", {}, heading, make("button", { type: "button", class: "icon-button", "aria-label": "Close", click: close }, icon("close"))),
    body);
  dialog.addEventListener("close", () => {
    dialog.remove();
    restoreCaret();
    onClose?.();
  });
  dialog.addEventListener("pointerdown", (event) => {
    if (event.target === dialog) close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, body, close, heading };
}

/** A browser gives the focus back when a dialog closes, but not the caret: then nothing can be typed. */
function restoreCaret() {
  const { activeElement } = document;
  if (activeElement?.matches("textarea")) activeElement.setSelectionRange(activeElement.selectionStart, activeElement.selectionEnd);
}

export const section = (title, ...children) =>
  make("section", { class: "section" }, title && make("h3", {}, title), ...children);

/** A line that does something: a drawing, words, and perhaps what it leads to. */
export function lineButton(drawing, label, click, { isDanger, note } = {}) {
  return make("button", { type: "button", class: `line${isDanger ? " danger" : ""}`, click },
    icon(drawing, "line-icon"), make("span", { class: "line-label" }, label), note && make("span", { class: "line-note" }, note));
}

let fieldCount = 0;

export function field(label, attributes = {}) {
  const id = `field-${++fieldCount}`;
  const input = make("input", { id, autocomplete: "off", ...attributes });
  return { input, element: make("label", { class: "field", for: id }, label, input) };
}

/** A switch. `onChange(isOn)` may fail: then it goes back. */
export function toggle(label, hint, isOn, onChange) {
  const input = make("input", { type: "checkbox", role: "switch" });
  input.checked = isOn;
  input.onchange = async () => {
    const wanted = input.checked;
    input.disabled = true;
    try {
      input.checked = (await onChange(wanted)) ?? wanted;
    } catch {
      input.checked = !wanted;
    }
    input.disabled = false;
  };
  return make("label", { class: "toggle" },
    make("span", { class: "toggle-words" }, label, hint && make("small", {}, hint)), input, make("span", { class: "toggle-track", "aria-hidden": "true" }));
}

/** One of a few: `options` is { value: label }. `onChange(value)` may fail: then it goes back. */
export function choice(label, options, value, onChange) {
  const name = `choice-${++fieldCount}`;
  let current = value;
  const group = make("div", { class: "choice", role: "radiogroup", "aria-label": label });
  for (const [key, words] of Object.entries(options)) {
    const input = make("input", { type: "radio", name, value: key });
    input.checked = key === value;
    input.onchange = async () => {
      try {
        await onChange(key);
        current = key;
      } catch {
        for (const other of group.querySelectorAll("input")) other.checked = other.value === current;
      }
    };
    group.append(make("label", {}, input, make("span", {}, words)));
  }
  return make("div", { class: "choice-row" }, make("span", { class: "choice-label" }, label), group);
}

/** A place for what went wrong. `complaint.from(error, verb)` puts it into words. */
export function complaint() {
  const element = make("p", { class: "error", role: "alert", hidden: "" });
  return {
    element,
    show: (text) => showText(element, text),
    from: (error, verb) => showText(element, describe(error, verb)),
  };
}

/** Runs `task` with the button held down; what goes wrong is said at `trouble`. True when it went well. */
export async function attempt(pressed, trouble, verb, task) {
  trouble.show("");
  pressed.disabled = true;
  try {
    await task();
    return true;
  } catch (error) {
    if (!error.code) throw error;
    trouble.from(error, verb);
    return false;
  } finally {
    pressed.disabled = false;
  }
}

/** Asks before something that cannot be taken back. Resolves to the chosen action's key, or null. */
export function ask(title, text, actions) {
  return new Promise((resolve) => {
    let chosen = null;
    const sheet = openSheet(title, { className: "small", onClose: () => resolve(chosen) });
    const row = make("div", { class: "actions" });
    for (const [key, { label, isDanger }] of Object.entries(actions)) {
      row.append(button(label, () => {
        chosen = key;
        sheet.close();
      }, isDanger ? "primary danger" : "primary"));
    }
    const first = row.firstElementChild;
    // As in the forms, the action stands at the end; a stack of several ends with the way out.
    row[row.childElementCount > 1 ? "append" : "prepend"](button("Cancel", sheet.close));
    sheet.body.append(make("p", { dir: "auto" }, text), row);
    first.focus();
  });
}
