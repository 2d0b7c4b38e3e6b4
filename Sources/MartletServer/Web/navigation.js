// The address decides which conversation is open (#1f0c55d0a2b3c4d5), so that the back button of a phone works.

export class Navigation {
  #isAboveList = false;  // the entry before this one in the browser's history is the list
  #invitation = null;

  /** onRoute(id): the address has changed. */
  constructor(onRoute) {
    this.onRoute = onRoute;
    window.addEventListener("hashchange", () => this.route());
    window.addEventListener("popstate", () => this.route());
  }

  get openID() {
    return /^#([0-9a-f]{16})$/.exec(location.hash)?.[1] ?? null;
  }

  route() {
    if (location.hash.startsWith("#join=")) {
      this.#invitation = location.href;
      history.replaceState(null, "", location.pathname);  // a reload does not ask again
    }
    if (!this.openID) this.#isAboveList = false;
    this.onRoute(this.openID);
  }

  /** Opens a conversation, or with null the list. */
  open(id) {
    if (location.hash === (id ? `#${id}` : "")) return;
    if (id && !location.hash) {
      this.#isAboveList = true;
      location.hash = `#${id}`;
    } else if (!id && this.#isAboveList) {
      history.back();
    } else {
      history.replaceState(null, "", id ? `#${id}` : location.pathname);
      this.route();
    }
  }

  forget() {
    this.#isAboveList = false;
    if (location.hash) history.replaceState(null, "", location.pathname);
  }

  /** The page was opened by the link of a group. */
  get isInvited() {
    return Boolean(this.#invitation);
  }

  takeInvitation() {
    const invitation = this.#invitation;
    this.#invitation = null;
    return invitation;
  }
}
