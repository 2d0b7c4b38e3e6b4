// The head of a thread: who it is with and how they are; below it a strip about people one does not know yet, and at the
// bottom, where nothing can be written, why.

import { button, byID, make, paintAvatar, setText, toast } from "./dom.js";
import { lastSeen } from "./format.js";
import { describe, plural, typingText } from "./words.js";

export class ThreadHead {
  #strip = "";
  #closed = "";
  #dismissed = new Set();

  constructor(app, { onDetails }) {
    this.app = app;
    byID("thread-title").onclick = byID("thread-more").onclick = onDetails;
  }

  forget() {
    this.#dismissed.clear();
    this.#strip = this.#closed = "";
    for (const part of ["thread-name", "thread-avatar", "thread-state"]) byID(part).textContent = "";
    byID("strip").replaceChildren();
  }

  render(conversation, otherUnread) {
    const { store, presence } = this.app;
    const { id, isGroup, isMuted } = conversation;
    paintAvatar(byID("thread-avatar"), id, conversation.name || "…", { isOnline: !isGroup && id !== store.me.user && presence.isOnline(id), isGroup });
    setText(byID("thread-name"), store.titleOf(conversation));
    byID("thread-title").setAttribute("aria-label", `${store.titleOf(conversation)}, details`);
    byID("thread-muted").toggleAttribute("hidden", !isMuted);
    const [text, look] = this.#stateOf(conversation);
    setText(byID("thread-state"), text);
    byID("thread-state").className = `thread-state ${look}`;
    byID("back-count").hidden = otherUnread === 0;
    setText(byID("back-count"), otherUnread > 99 ? "99+" : String(otherUnread));
    this.#showStrip(conversation);
    this.#showClosed(conversation);
  }

  #stateOf(conversation) {
    const { store, presence, typing, connection } = this.app;
    const { id, isGroup, group } = conversation;
    const writers = typing.in(id);
    if (writers.length > 0 && !isGroup) return ["writing…", "typing"];
    if (writers.length > 0) return [typingText(writers.map((user) => store.nameOf(user) ?? "Someone")), "typing"];
    if (isGroup) return [group ? (group.role === "none" ? "You are not a member" : plural(group.members, "member", "members")) : "", ""];
    if (id === store.me.user) return ["Notes only you can see", ""];
    if (!connection.wire) return ["", ""];
    const { state, lastSeen: seen } = presence.of(id);
    if (state === "online") return ["online", "online"];
    return [state === "offline" ? lastSeen(seen) || "offline" : "", ""];
  }

  /** Somebody asks to be a contact, or writes without being one. */
  #showStrip(conversation) {
    const { store, connection } = this.app;
    const { id, isGroup, name } = conversation;
    const { state, blocked } = store.contact(id);
    let kind = "";
    if (!isGroup && id !== store.me.user && !blocked && connection.knows("contact")) {
      if (state === "incoming") kind = "incoming";
      else if (state === "none" && this.#isFromStranger(conversation)) kind = "stranger";
    }
    if (this.#dismissed.has(id)) kind = "";
    const wanted = `${id} ${kind} ${name}`;
    if (wanted === this.#strip) return;
    this.#strip = wanted;
    byID("strip").hidden = !kind;
    if (!kind) return byID("strip").replaceChildren();
    const words = make("p", {}, make("bdi", {}, name), kind === "incoming" ? " would like to be in your contacts." : " is not in your contacts.");
    const tiny = (label, action, className = "secondary") => button(label, action, `${className} tiny`);
    const buttons = kind === "incoming"
      ? [tiny("Accept", () => this.#contact(id, "accept"), "primary"), tiny("Decline", () => this.#contact(id, "decline"))]
      : [tiny("Add contact", () => this.#contact(id, "request"), "primary"), tiny("Block", () => this.#block(id)), tiny("Dismiss", () => this.#dismiss(id))];
    byID("strip").replaceChildren(words, ...buttons);
  }

  #isFromStranger({ thread }) {
    if (!thread.isLoaded || thread.hasOlder || thread.high === 0 || thread.high > 50) return false;
    return [...thread.inOrder()].every((message) => !this.app.store.isMine(message));
  }

  #dismiss(id) {
    this.#dismissed.add(id);
    this.app.store.changed();
  }

  async #contact(user, action) {
    try {
      this.app.store.setContact(await this.app.connection.request("contact", { user, action }));
      if (action !== "accept") this.#dismiss(user);
      if (action === "request") toast("Request sent.");
      if (action === "accept") this.app.presence.pull([user]);
    } catch (error) {
      toast(describe(error, "contact"));
    }
  }

  async #block(user) {
    try {
      this.app.store.setContact(await this.app.connection.request("block", { user, blocked: true }));
    } catch (error) {
      toast(describe(error, "block"));
    }
  }

  #showClosed(conversation) {
    const { store, connection } = this.app;
    const isBlocked = !conversation.isGroup && store.contact(conversation.id).blocked;
    const isClosed = isBlocked || !conversation.isOpen;
    byID("composer").hidden = isClosed;
    const wanted = isClosed ? `${conversation.id} ${isBlocked}` : "";
    if (this.#closed === wanted) return;
    this.#closed = wanted;
    byID("closed").hidden = !isClosed;
    if (!isClosed) {
      this.app.composer.fit();
      return byID("closed").replaceChildren();
    }
    if (!isBlocked) return byID("closed").replaceChildren("You are not a member of this group any more.");
    const unblock = button("Unblock", async () => {
      try {
        store.setContact(await connection.request("block", { user: conversation.id, blocked: false }));
      } catch (error) {
        toast(describe(error, "block"));
      }
    }, "link");
    byID("closed").replaceChildren("You have blocked ", make("bdi", {}, conversation.name), ".", unblock);
  }
}
