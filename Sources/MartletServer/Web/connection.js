// Keeps a wire to the server: reconnects with growing, random delays, and at once when the world changes. WebSockets
// first; where they do not open but HTTP answers, long polling, with a look back from time to time.

import { later } from "./later.js";
import { Servers } from "./servers.js";
import { lost, Wire, WireError } from "./wire.js";

const delays = [1, 2, 4, 8, 16, 30];
const steadyAfter = 30_000;
const steadyAfterSync = 3_000;  // a socket that dies younger, even after its first sync, keeps the delays growing
const sleepGap = 80_000;  // hidden tabs tick once a minute; a longer gap means that the computer slept
const deafBeforePolling = 2;
const lookBack = 120_000;
const changeOver = 500;  // before another server is tried
const lookElsewhere = 2_000;  // between two looks for a server that takes writes

const between = (low, high) => low + Math.random() * (high - low);

export class Connection {
  #wire = null;
  #token = null;
  #session = null;
  #failures = 0;
  #deaf = 0;
  #timer = 0;
  #upgrade = 0;
  #search = 0;
  #servers = new Servers();
  #openedAt = 0;
  #steady = 0;
  #hintedAt = 0;
  #unknown = new Set();
  #life = 0;  // grows with start, adopt and stop, so that a late answer of an earlier life is ignored
  /** `connecting`, `online`, `waiting`, `refused` (needs the person) or `stopped`. */
  state = "stopped";
  retryAt = 0;
  hello = {};  // what the server last told about itself

  /** onOnline(wire), onFrame(frame), onChange(), onLoggedOut(code) */
  constructor(handlers) {
    this.handlers = handlers;
    window.addEventListener("online", () => this.nudge());
    window.addEventListener("offline", () => this.nudge());
    window.addEventListener("pageshow", () => this.nudge());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.nudge();
    });
    let tick = Date.now();
    setInterval(() => {
      const now = Date.now();
      if (now - tick > sleepGap) this.nudge();
      tick = now;
    }, 1_000);
  }

  get wire() {
    return this.state === "online" ? this.#wire : null;
  }

  /** Whether what is to be stored can be sent now. */
  get canWrite() {
    return Boolean(this.wire && !this.wire.readOnly);
  }

  /** `session`: { user, name, token } */
  start(session) {
    this.#reset(session);
    this.#connect();
  }

  /** Goes on with a wire that has just logged in. */
  adopt(wire, session) {
    this.#reset(session);
    wire.token = session.token;
    wire.session = session;
    this.#servers.choose(wire.address);
    this.#use(wire);
  }

  stop() {
    this.#reset(null);
    this.#become("stopped");
  }

  /** The wire has done its first sync: the next cut starts with the shortest delay, if this wire lives a little. */
  settled(wire) {
    if (wire !== this.wire) return;
    this.#resetDelaysAt(this.#openedAt + steadyAfterSync);
  }

  /** This server cannot serve what is asked of it: another one may. */
  giveUp(wire) {
    if (!wire.isDead) this.#servers.turn();
    wire.drop();
  }

  /** Something hints that the network is back, or gone: try now, or look whether the wire lives. */
  nudge() {
    if (this.state === "waiting") this.retryNow();
    else this.wire?.probe();
  }

  retryNow() {
    if (this.state !== "waiting" && this.state !== "refused") return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  /** Rejects with the retryable error `connection_lost` while there is no connection. */
  async request(verb, body) {
    if (!this.wire) throw lost();
    if (!this.knows(verb)) throw new WireError({ code: "unknown_verb", status: 400 });
    try {
      return await this.wire.request(verb, body);
    } catch (error) {
      if (error.code === "unknown_verb") this.#unknown.add(verb);
      throw error;
    }
  }

  /** How long messages may be changed, in seconds (0: never, absent: for good); undefined on servers that know no changes. */
  get windows() {
    return this.hello.heartbeat && (this.hello.windows ?? {});
  }

  /** False once an older server has said that it does not know this verb. */
  knows(verb) {
    return !this.#unknown.has(verb);
  }

  #resetDelaysAt(time) {
    clearTimeout(this.#steady);
    this.#steady = setTimeout(() => (this.#failures = 0), Math.max(0, time - Date.now()));
  }

  #reset(session) {
    this.#life += 1;
    clearTimeout(this.#timer);
    clearTimeout(this.#steady);
    clearTimeout(this.#upgrade);
    clearTimeout(this.#search);
    this.#wire?.leave();
    this.#wire = null;
    this.#session = session;
    this.#token = session?.token ?? null;
    this.#failures = this.#deaf = this.#hintedAt = 0;
  }

  async #open(address) {
    try {
      const wire = await Wire.open(this.#token, address);
      this.#deaf = 0;
      return wire;
    } catch (error) {
      if (error.status !== 0 || error.closeCode || ++this.#deaf < deafBeforePolling) throw error;
      const polling = later("pollwire").then(({ PollWire }) => PollWire.open(this.#token, this.#session, address));
      return await polling.catch(() => {
        throw error;
      });
    }
  }

  async #connect() {
    const life = this.#life;
    this.#become("connecting");
    try {
      const wire = await this.#open(this.#servers.current);
      if (life !== this.#life) return wire.leave();
      if (wire.session) return this.#use(wire);
      wire.leave();
      if (wire.refusal?.code === "unauthorized") return this.#loggedOut(wire.refusal.code);
      this.#wait(3000, wire.refusal?.retryAfter, !this.#servers.turn());
    } catch (error) {
      if (life !== this.#life) return;
      // A token the server cannot even read.
      if (error.code === "bad_request" && error.closeCode !== 3501) return this.#loggedOut(error.code);
      // Nobody there, or nobody who can serve: another server may.
      const isRound = this.#servers.turn();
      this.#wait(error.closeCode ?? 3000, 0, !isRound);
    }
  }

  #use(wire) {
    const life = this.#life;
    const isCurrent = () => life === this.#life && wire === this.#wire;
    this.#wire = wire;
    this.#unknown.clear();
    if (!wire.isPolling || !this.windows) this.hello = wire.hello;
    this.#servers.learn(wire.hello);
    wire.onUnauthorized = () => {
      if (isCurrent()) this.#loggedOut("unauthorized");
    };
    this.#openedAt = Date.now();
    this.#resetDelaysAt(this.#openedAt + steadyAfter);
    wire.onReadOnly = () => {
      if (isCurrent()) this.#becameReadOnly(wire);
    };
    wire.closed.then((code) => {
      if (isCurrent()) this.#wait(code, code === 3005 ? wire.lastRetryAfter : 0);
    });
    this.#become("online");
    this.handlers.onOnline(wire);
    wire.listen((frame) => {
      if (!isCurrent()) return;
      if (frame.reconnect) this.#hintedAt = Date.now() + (frame.reconnect.after ?? 0);
      else this.handlers.onFrame(frame);
    });
    clearTimeout(this.#upgrade);
    if (wire.isPolling) this.#upgrade = setTimeout(() => this.#lookBack(wire), lookBack);
    clearTimeout(this.#search);
    if (wire.readOnly) this.#becameReadOnly(wire);
  }

  /** Goes on reading here, and looks for a server that takes what is to be stored. */
  #becameReadOnly(wire) {
    this.handlers.onChange();
    this.#lookElsewhere(wire);
  }

  async #lookElsewhere(wire) {
    const life = this.#life;
    const isWanted = () => life === this.#life && wire === this.#wire;
    for (const address of this.#servers.elsewhere(wire.readOnly.primary)) {
      const better = await this.#open(address).catch(() => null);
      if (isWanted() && better?.session && !better.readOnly) {
        this.#servers.choose(address);
        this.#use(better);
        return wire.leave();
      }
      better?.leave();
      if (!isWanted()) return;
    }
    this.#search = setTimeout(() => this.#lookElsewhere(wire), lookElsewhere);
  }

  /** From polling back to a socket, when one opens again. */
  async #lookBack(wire) {
    const life = this.#life;
    const better = await Wire.open(this.#token, wire.address).catch(() => null);
    if (life !== this.#life || wire !== this.#wire) return better?.leave();
    if (!better?.session) {
      better?.leave();
      this.#upgrade = setTimeout(() => this.#lookBack(wire), lookBack);
      return;
    }
    this.#deaf = 0;
    this.#use(better);
    wire.leave();
  }

  /** `hasOthers`: other servers have not had their turn, so there is no need to wait for long. */
  #wait(code, retryAfter = 0, hasOthers = false) {
    this.#wire = null;
    clearTimeout(this.#steady);
    clearTimeout(this.#upgrade);
    clearTimeout(this.#search);
    if (code === 3502 || code === 3504) return this.#loggedOut(code);
    if (code >= 3500 && code < 4000) {
      this.closeCode = code;
      return this.#become("refused");
    }
    this.#failures += 1;
    const delay = hasOthers ? between(0, changeOver) : this.#delay(code, retryAfter);
    this.retryAt = Date.now() + delay;
    this.#timer = setTimeout(() => this.#connect(), delay);
    this.#become("waiting");
  }

  #delay(code, retryAfter) {
    let delay = between(0, delays[Math.min(this.#failures, delays.length) - 1] * 1_000);
    // A server that stops has said when to come back, so that not all come at once.
    if (code === 3001) delay = this.#hintedAt ? this.#hintedAt - Date.now() : between(0, 5_000);
    if (code === 3004 || code === 3005) delay = between(5_000, 30_000);
    this.#hintedAt = 0;
    return Math.max(Math.min(delay, 30_000), retryAfter, 0);
  }

  #loggedOut(code) {
    this.stop();
    this.handlers.onLoggedOut(code);
  }

  #become(state) {
    this.state = state;
    this.handlers.onChange();
  }
}
