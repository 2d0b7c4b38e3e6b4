// The keys, for those who ask.

import { openSheet } from "./dialog.js";
import { make } from "./dom.js";

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const command = isMac ? "⌘" : "Ctrl";
const alt = isMac ? "⌥" : "Alt";

const keys = [
  ["Find or start a chat", [command, "K"]],
  ["Next, previous conversation", [alt, "↓ ↑"]],
  ["Next, previous unread", [alt, "Shift", "↓ ↑"]],
  ["Send", ["Enter"]],
  ["New line", ["Shift", "Enter"]],
  ["Edit my last message", ["↑"]],
  ["Give up a reply or an edit; go to the end", ["Esc"]],
  ["Scroll", ["Page ↑ ↓"]],
  ["To the first unread message", ["Shift", "Page ↑"]],
  ["To the latest message", [command, "End"]],
  ["Menu of the message with the focus", ["Enter"]],
  ["This list", [command, "/"]],
];

export function show() {
  const sheet = openSheet("Keyboard shortcuts", { className: "small" });
  sheet.body.append(make("dl", { class: "shortcuts" }, ...keys.map(([what, combination]) =>
    make("div", {}, make("dt", {}, what), make("dd", {}, ...combination.flatMap((key, index) => (index > 0 ? [" ", make("kbd", {}, key)] : [make("kbd", {}, key)])))))));
}
