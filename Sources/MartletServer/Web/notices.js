// Says that something has come: to screen readers, to who is not looking at the page, and on the page's badge.

import { announce } from "./dom.js";
import { oneLine } from "./format.js";
import { later } from "./later.js";
import { noticeText } from "./words.js";

const oldAfter = 300_000;  // what a sleeping device catches up with is no news

export class Notices {
  push = null;  // loaded once somebody wants notifications
  #shownUnread = -1;

  constructor(app) {
    this.app = app;
  }

  /** For the settings, and at a start when notifications were turned on. */
  async needPush() {
    const { Push } = await later("push");
    return (this.push ??= new Push(this.app));
  }

  /** At each start. */
  resume() {
    if (localStorage.getItem("martlet.notify")) this.needPush().then((push) => push.subscribe(), () => {});
  }

  tell(message) {
    const { store, directory, thread } = this.app;
    const conversation = store.conversation(message.conversation);
    const nameOf = (user) => (user === store.me.user ? "You" : directory.speaker(conversation, user) ?? "Someone");
    const text = message.notice ? noticeText(message, nameOf, store.me.user) : `${nameOf(message.sender)}: ${oneLine(message.text, 300)}`;
    const isVisible = document.visibilityState === "visible";
    if (isVisible && conversation.id === thread.openID) announce(text);
    const isOld = Date.now() - message.sentAt / 1_000 > oldAfter;
    if ((isVisible && document.hasFocus()) || conversation.isMuted || message.notice || isOld) return;
    this.push?.tell(conversation.id, store.titleOf(conversation), conversation.isGroup ? text : oneLine(message.text, 300));
  }

  /** What has been read, here or on another device, needs no notification any more. */
  read(conversation) {
    this.push?.read(conversation);
  }

  /** The number of unread messages in the title, and on the icon of an installed page. */
  showUnread(unread) {
    if (unread === this.#shownUnread) return;
    this.#shownUnread = unread;
    document.title = unread > 0 ? `(${unread}) Martlet` : "Martlet";
    if (navigator.setAppBadge) (unread > 0 ? navigator.setAppBadge(unread) : navigator.clearAppBadge()).catch(() => {});
  }

  forget() {
    this.showUnread(0);
    this.push?.forget();
  }
}
