// Where a message is written. The draft of each conversation is kept until it is sent.

import { byID, showText } from "./dom.js";
import { byteCount, cleanText } from "./format.js";

export class Composer {
  #conversation = null;
  #user = null;
  limit = 16_384;

  constructor(onSend) {
    this.onSend = onSend;
    this.text = byID("composer-text");
    this.text.oninput = () => this.#changed();
    this.text.onkeydown = (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    };
    byID("composer").onsubmit = (event) => {
      event.preventDefault();
      this.#submit();
    };
  }

  get #key() {
    return `martlet.draft.${this.#user}.${this.#conversation.id}`;
  }

  open(conversation, user) {
    this.#conversation = conversation;
    this.#user = user;
    this.text.value = conversation ? localStorage.getItem(this.#key) ?? "" : "";
    this.#changed();
    if (!conversation) return this.#name("");
    this.render(conversation);
    // On a phone the keyboard would cover the thread.
    if (matchMedia("(pointer: fine)").matches) this.text.focus();
  }

  /** The name may be learnt late, and a start afresh makes new conversations. */
  render(conversation) {
    if (conversation.id !== this.#conversation?.id) return;
    this.#conversation = conversation;
    this.#name(conversation.name);
  }

  #name(name) {
    const words = name ? `Write to ${name}` : "Write a message";
    if (this.text.placeholder !== words) this.text.placeholder = words;
  }

  #changed() {
    const { text } = this;
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight}px`;
    const clean = cleanText(text.value);
    const size = byteCount(clean);
    const isTooLong = size > this.limit;
    const format = (bytes) => bytes.toLocaleString();
    showText(byID("composer-error"), isTooLong && `This is too long for one message: ${format(size)} of ${format(this.limit)} bytes.`);
    byID("composer-send").disabled = clean === "" || isTooLong;
    if (!this.#conversation) return;
    try {
      if (text.value) localStorage.setItem(this.#key, text.value);
      else localStorage.removeItem(this.#key);
    } catch {
      // No room for drafts: the text is still in the box.
    }
  }

  #submit() {
    if (byID("composer-send").disabled) return;
    const text = cleanText(this.text.value);
    this.text.value = "";
    this.#changed();
    this.text.focus();
    this.onSend(this.#conversation, text);
  }
}
