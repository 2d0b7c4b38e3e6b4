// Log in, or create an account.

import { byID, showText } from "./dom.js";
import { PollWire } from "./pollwire.js";
import { Servers } from "./servers.js";
import { deviceLabel } from "./session.js";
import { Wire, WireError } from "./wire.js";
import { complaintAbout, describe } from "./words.js";

/** A socket, or where none opens, plain requests. */
const openAt = (address) =>
  Wire.open(null, address)
    .catch((error) => (error.status === 0 && !error.closeCode ? PollWire.open(null, null, address) : Promise.reject(error)));

/** At the first server that is there and takes what is to be stored. */
async function openWire() {
  const servers = new Servers();
  const tried = new Set();
  let failure;
  for (let address = servers.current; address; address = servers.all.find((one) => !tried.has(one))) {
    tried.add(address);
    try {
      const wire = await openAt(address);
      servers.learn(wire.hello);
      if (!wire.readOnly) return wire;
      wire.leave();
      failure = new WireError({ code: "read_only", status: 503 });
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

export class LoginView {
  #verb = "login";
  #isBusy = false;

  /** onEntered(wire, session) gets the open wire of the new session. */
  constructor(onEntered) {
    this.onEntered = onEntered;
    byID("tab-login").onclick = () => this.#choose("login");
    byID("tab-register").onclick = () => this.#choose("register");
    byID("login-reveal").onclick = () => this.#reveal(byID("login-password").type === "password");
    byID("tab-login").parentElement.onkeydown = (event) => this.#walk(event);
    byID("login-form").onsubmit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    this.#choose("login");
  }

  /** `isInvited`: an invitation to a group waits. */
  show(notice, isInvited) {
    byID("login").hidden = false;
    byID("login-invite").hidden = !isInvited;
    byID("login-form").reset();
    this.#choose("login");
    this.#reveal(false);
    showText(byID("login-error"), notice);
    if (!matchMedia("(pointer: coarse)").matches) byID("login-name").focus();
  }

  hide() {
    byID("login").hidden = true;
    byID("login-password").value = "";
  }

  #choose(verb) {
    this.#verb = verb;
    const isNew = verb === "register";
    byID("tab-login").setAttribute("aria-selected", !isNew);
    byID("tab-register").setAttribute("aria-selected", isNew);
    byID("tab-login").tabIndex = isNew ? -1 : 0;
    byID("tab-register").tabIndex = isNew ? 0 : -1;
    byID("login-submit").textContent = isNew ? "Create account" : "Log in";
    byID("login-password").autocomplete = isNew ? "new-password" : "current-password";
    showText(byID("login-hint"), isNew ? "Friends find you by your exact name. The password has at least 8 characters." : "");
    showText(byID("login-error"), "");
  }

  /** The arrow keys change between the tabs. */
  #walk(event) {
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    const verb = this.#verb === "login" ? "register" : "login";
    this.#choose(verb);
    byID(`tab-${verb}`).focus();
  }

  #reveal(isShown) {
    byID("login-password").type = isShown ? "text" : "password";
    byID("login-reveal").setAttribute("aria-pressed", isShown);
    byID("login-reveal").setAttribute("aria-label", isShown ? "Hide the password" : "Show the password");
  }

  async #submit() {
    if (this.#isBusy) return;
    const name = byID("login-name").value.trim();
    const password = byID("login-password").value;
    const complaint = this.#verb === "register" ? complaintAbout(name, password) : !name || !password ? "Please enter your name and your password." : null;
    if (complaint) return showText(byID("login-error"), complaint);
    this.#busy(true);
    let wire;
    try {
      wire = await openWire();
      const session = await wire.request(this.#verb, { name, password, device: deviceLabel() });
      this.onEntered(wire, session);
    } catch (error) {
      wire?.leave();
      showText(byID("login-error"), describe(error instanceof WireError ? error : { code: "internal" }, this.#verb));
    } finally {
      this.#busy(false);
    }
  }

  #busy(isBusy) {
    this.#isBusy = isBusy;
    byID("login-submit").disabled = isBusy;
    if (isBusy) {
      showText(byID("login-error"), "");
      byID("login-submit").textContent = "One moment…";
    } else {
      byID("login-submit").textContent = this.#verb === "register" ? "Create account" : "Log in";
    }
  }
}
