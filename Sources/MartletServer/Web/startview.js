// Start a chat with somebody by their exact name.

import { byID, showText } from "./dom.js";
import { complaintAboutSought, describe } from "./words.js";

export class StartView {
  #dialog = byID("start");

  /** onFound({ user, name }) */
  constructor({ connection, onFound }) {
    Object.assign(this, { connection, onFound });
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

  forget() {
    this.#dialog.close();
    byID("start-name").value = "";
    showText(byID("start-error"), "");
  }

  async #submit() {
    const name = byID("start-name").value.trim();
    const complaint = complaintAboutSought(name);
    if (complaint) return showText(byID("start-error"), complaint);
    byID("start-submit").disabled = true;
    try {
      const found = await this.connection.request("find", { name });
      this.#dialog.close();
      this.onFound(found);
    } catch (error) {
      showText(byID("start-error"), describe(error, "find"));
    } finally {
      byID("start-submit").disabled = false;
    }
  }
}
