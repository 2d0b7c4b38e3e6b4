// What can be done with a message.

import { canEdit, isWithin } from "./composer.js";
import { ask } from "./dialog.js";
import { make, toast } from "./dom.js";
import { dateAndTime, fullTime } from "./format.js";
import { showMenu } from "./menu.js";
import { readersOf } from "./messagestate.js";
import { describe, isolate } from "./words.js";

function canDeleteForAll(app, conversation, { message, isOwn }) {
  const { windows } = app.connection;
  if (!windows || !conversation.isOpen) return false;
  return conversation.isGoverned || (isOwn && isWithin(windows.delete, message.sentAt));
}

/** Opens the menu of a message in the thread. */
export function show(app, conversation, entry, place, owner) {
  const { item, number, isGone, text } = entry;
  const items = [];
  if (number && !isGone && conversation.isOpen) items.push({ label: "Reply", icon: "reply", action: () => app.composer.reply(number) });
  if (canEdit(app, entry)) items.push({ label: "Edit", icon: "pen", action: () => app.composer.edit({ number, text }) });
  if (!isGone) items.push({ label: "Copy text", icon: "copy", action: () => copy(text) });
  if (item?.failure) items.push({ label: "Try again", icon: "send", action: () => app.outbox.retry(item) });
  if (item && !number) items.push({ label: "Delete", icon: "bin", isDanger: true, action: () => app.outbox.discard(item) });
  if (number && app.connection.windows) {
    items.push({ label: "Delete…", icon: "bin", isDanger: true, action: () => remove(app, conversation, entry) });
  }
  if (items.length > 0) showMenu(items, place, { label: "Message", owner, head: headOf(app, conversation, entry) });
}

/** When it was written, and in a group who has read it. */
function headOf(app, conversation, { number, at, isOwn, message, isGone }) {
  const lines = [fullTime(at)];
  if (message?.editedAt && !isGone) lines.push(`Edited ${dateAndTime(message.editedAt)}`);
  const readers = isOwn && number && conversation.isGroup ? readersOf(number, conversation, app.store.me.user) : null;
  if (readers) {
    const { names, of } = readers;
    lines.push(names.length > 0 && names.length <= 5 ? `Read by ${names.map(isolate).join(", ")}` : `Read by ${names.length} of ${of}`);
  }
  return make("p", { class: "menu-head" }, ...lines.flatMap((line, index) => (index > 0 ? [make("br"), line] : [line])));
}

export async function copy(text, done = "Copied.") {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Pages without a certificate have no clipboard of their own.
    const box = make("textarea", { class: "visually-hidden" });
    box.value = text;
    (document.querySelector("dialog[open]") ?? document.body).append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  }
  toast(done);
}

async function remove(app, conversation, entry) {
  const isForAll = !entry.isGone && canDeleteForAll(app, conversation, entry);
  const how = await ask("Delete message?", isForAll ? "For everyone, the text disappears from everybody's devices. For you, only from your own." : "It disappears from all your devices; the others keep it.", {
    ...(isForAll && { all: { label: "Delete for everyone", isDanger: true } }),
    me: { label: "Delete for me", isDanger: !isForAll },
  });
  if (!how) return;
  const { id } = conversation;
  const { number } = entry;
  try {
    await app.connection.request("delete", { conversation: id, number, for: how });
    // For all the event tells the new revision.
    app.store.revise(id, number, how === "me" ? { deleted: "me", text: "" } : { deleted: "all", text: "", replyTo: undefined });
    app.composer.focus();
  } catch (error) {
    toast(describe(error, "delete"));
  }
}
