// Start a chat with somebody by their exact name.

import { byID, showText } from "./dom.js";
import { describe } from "./words.js";

export class StartView {
  #dialog = byID("start");

  /** onFound({ user, name }) */
  constructor({ connection, store, onFound }) {
    Object.assign(this, { connection, store, onFound });
    byID("start-close").onclick = () => this.#dialog.close();
    this.#dialog.onclick = (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    };
    byID("start-form").onsubmit = (event) => {
      event.preventDefault();
      this.#submit();
    };
  }

  show() {
    byID("start-name").value = "";
    showText(byID("start-error"), "");
    this.#dialog.showModal();
    byID("start-name").focus();
  }

  async #submit() {
    const name = byID("start-name").value.trim();
    if (!name) return showText(byID("start-error"), "Please enter a name.");
    byID("start-submit").disabled = true;
    try {
      const found = await this.connection.request("find", { name });
      if (found.user === this.store.me?.user) return showText(byID("start-error"), "That is you. Notes to yourself are not possible yet.");
      this.#dialog.close();
      this.onFound(found);
    } catch (error) {
      showText(byID("start-error"), describe(error, "find"));
    } finally {
      byID("start-submit").disabled = false;
    }
  }
}
