// Says how the connection stands, unless all is well.

import { byID } from "./dom.js";

const patience = 900;  // a quick reconnect is not worth a word

export class Banner {
  #troubledSince = 0;
  #timer = 0;

  constructor(connection) {
    this.connection = connection;
    byID("banner-retry").onclick = () => (connection.closeCode === 3501 ? location.reload() : connection.retryNow());
  }

  render() {
    const { state } = this.connection;
    clearTimeout(this.#timer);
    const isReading = state === "online" && !this.connection.canWrite;
    if ((state === "online" && !isReading) || state === "stopped") {
      this.#troubledSince = 0;
      byID("banner").hidden = true;
      return;
    }
    this.#troubledSince ||= Date.now();
    if (Date.now() - this.#troubledSince >= patience) this.#show(isReading ? "reading" : state);
    this.#timer = setTimeout(() => this.render(), 250);
  }

  #show(state) {
    const [text, action] = this.#words(state);
    if (byID("banner-text").textContent !== text) byID("banner-text").textContent = text;
    byID("banner-retry").textContent = action;
    byID("banner-retry").hidden = !action;
    byID("banner").hidden = false;
  }

  #words(state) {
    if (state === "reading") return ["Reading only. What you write waits until it can be stored.", ""];
    if (state === "refused") {
      return this.connection.closeCode === 3501
        ? ["The server has been updated.", "Reload this page"]
        : ["The server has closed the connection.", "Reconnect"];
    }
    const seconds = Math.ceil((this.connection.retryAt - Date.now()) / 1_000);
    if (state === "connecting" || seconds <= 0) return ["Connecting…", ""];
    const cause = navigator.onLine ? "No connection." : "You are offline.";
    return [`${cause} Reconnecting in ${seconds} s…`, "Try now"];
  }
}
