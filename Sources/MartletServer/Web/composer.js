// Where a message is written: a new one, a reply, or another text for one that was sent. The draft of each conversation is
// kept until it is sent.

import { byID, setText, showText, toast } from "./dom.js";
import { byteCount, cleanText, oneLine } from "./format.js";
import { describe } from "./words.js";

/** Whether `seconds` (0: never, absent: no limit) have not passed yet. */
export const isWithin = (seconds, micros) => seconds === undefined || Date.now() - micros / 1_000 < seconds * 1_000;

export function canEdit(app, { message, isOwn, isGone }) {
  const { windows } = app.connection;
  return Boolean(windows && message && isOwn && !isGone && isWithin(windows.edit, message.sentAt));
}

export class Composer {
  #conversation = null;
  #replyTo = undefined;  // a number
  #edited = null;  // { number, text }
  #isBusy = false;

  /** onSend(conversation, text, replyTo); onUp(): the Up key in an empty box. */
  constructor(app, { onSend, onUp }) {
    Object.assign(this, { app, onSend, onUp });
    this.text = byID("composer-text");
    this.text.oninput = () => {
      this.#changed();
      if (this.text.value.trim() && !this.#edited) app.typing.tick(this.#conversation.id);
    };
    this.text.onkeydown = (event) => this.#pressed(event);
    byID("about-cancel").onclick = () => this.cancel();
    byID("composer").onsubmit = (event) => {
      event.preventDefault();
      this.#submit();
    };
  }

  get #limit() {
    return this.app.connection.hello.limits?.textBytes ?? 16_384;
  }

  open(conversation) {
    this.#conversation = conversation;
    this.#edited = null;
    this.#takeDraft();
    if (!conversation) return this.#name("");
    this.render(conversation);
    // On a phone the keyboard would cover the thread.
    if (!matchMedia("(pointer: coarse)").matches) this.focus();
  }

  focus() {
    this.text.focus({ preventScroll: true });
    this.text.setSelectionRange(this.text.value.length, this.text.value.length);
  }

  /** The drafts have come from the database. */
  draftsLoaded() {
    if (this.#conversation && !this.text.value && !this.#edited) this.#takeDraft();
  }

  #takeDraft() {
    const draft = this.#conversation ? this.app.drafts.of(this.#conversation.id) : { text: "" };
    this.text.value = draft.text;
    this.#replyTo = draft.replyTo;
    this.#changed();
    this.#showAbout();
  }

  /** The name may be learnt late, and a start afresh makes new conversations. */
  render(conversation) {
    if (conversation.id !== this.#conversation?.id) return;
    this.#conversation = conversation;
    this.#name(this.app.store.titleOf(conversation));
    this.#showAbout();
  }

  #name(name) {
    const words = name ? `Write to ${name}` : "Write a message";
    if (this.text.placeholder !== words) this.text.placeholder = words;
  }

  // Replies and edits

  reply(number) {
    if (this.#edited) this.cancel();
    this.#replyTo = number;
    this.#changed();
    this.#showAbout();
    this.focus();
  }

  edit({ number, text }) {
    this.#edited = { number, text };
    this.text.value = text;
    this.#changed();
    this.#showAbout();
    this.focus();
  }

  /** Gives up a reply or an edit; false when there is none. */
  cancel() {
    if (this.#edited) {
      this.#edited = null;
      this.#takeDraft();
    } else if (this.#replyTo) {
      this.#replyTo = undefined;
      this.#changed();
    } else {
      return false;
    }
    this.#showAbout();
    this.focus();
    return true;
  }

  #showAbout() {
    const { store, history, directory } = this.app;
    const number = this.#edited?.number ?? this.#replyTo;
    byID("about-icon").setAttribute("href", this.#edited ? "#pen" : "#reply");
    byID("send-icon").setAttribute("href", this.#edited ? "#check" : "#send");
    byID("composer-send").setAttribute("aria-label", this.#edited ? "Save" : "Send");
    byID("composer-about").hidden = !number;
    if (!number || !this.#conversation) return;
    const message = history.quoted(this.#conversation.id, number);
    const sender = message?.sender;
    const name = sender && (store.isMine(message) ? "yourself" : directory.speaker(this.#conversation, sender) ?? this.#conversation.name);
    setText(byID("about-title"), this.#edited ? "Edit message" : `Reply to ${name ?? "…"}`);
    setText(byID("about-text"), oneLine(this.#edited?.text ?? (message?.deleted ? "Message deleted" : message?.text ?? "…"), 160));
  }

  // Writing

  #pressed(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "ArrowUp" && this.text.value === "" && !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      if (this.onUp()) event.preventDefault();
    }
  }

  /** The box is as high as its text; what is hidden has no height to measure. */
  fit() {
    this.text.style.height = "auto";
    if (this.text.scrollHeight > 0) this.text.style.height = `${this.text.scrollHeight}px`;
  }

  #changed() {
    const { text } = this;
    this.fit();
    const clean = cleanText(text.value);
    const size = byteCount(clean);
    const isTooLong = size > this.#limit;
    const format = (bytes) => bytes.toLocaleString();
    showText(byID("composer-error"), isTooLong && `This is too long for one message: ${format(size)} of ${format(this.#limit)} bytes.`);
    byID("composer-send").disabled = clean === "" || isTooLong || this.#isBusy;
    if (this.#conversation && !this.#edited) this.app.drafts.set(this.#conversation.id, text.value, this.#replyTo);
  }

  #submit() {
    if (byID("composer-send").disabled) return;
    const text = cleanText(this.text.value);
    if (this.#edited) return this.#save(text);
    const replyTo = this.#replyTo;
    this.#replyTo = undefined;
    this.text.value = "";
    this.#changed();
    this.#showAbout();
    this.focus();
    this.onSend(this.#conversation, text, replyTo);
  }

  async #save(text) {
    const edited = this.#edited;
    const { id } = this.#conversation;
    if (text === edited.text) return this.cancel();
    this.#isBusy = true;
    this.#changed();
    try {
      const { revision } = await this.app.connection.request("edit", { conversation: id, number: edited.number, text });
      this.app.store.revise(id, edited.number, { text, revision, editedAt: Date.now() * 1_000 });
      this.#isBusy = false;
      if (this.#edited === edited) this.cancel();
    } catch (error) {
      toast(describe(error, "edit"));
    } finally {
      this.#isBusy = false;
      this.#changed();
    }
  }
}
