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
    if (!conversation) return;
    this.text.value = localStorage.getItem(this.#key) ?? "";
    this.text.placeholder = conversation.name ? `Write to ${conversation.name}` : "Write a message";
    this.#changed();
    // On a phone the keyboard would cover the thread.
    if (matchMedia("(pointer: fine)").matches) this.text.focus();
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
