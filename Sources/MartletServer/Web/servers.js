// The servers of a pair: the one that this page came from, and those that it has named. A token and a cursor hold at all
// of them, so the page goes to another one when its own is gone, or takes no writes.

const key = "martlet.servers";
const home = new URL(".", location.href).href;

const read = () => {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "[]");
  } catch {
    return [];
  }
};

export class Servers {
  #others = read();  // origins
  #place = 0;

  /** Addresses of all, one's own first. */
  get all() {
    return [home, ...this.#others.filter((origin) => origin !== location.origin).map((origin) => `${origin}/`)];
  }

  /** The address to connect to now. */
  get current() {
    return this.all[this.#place] ?? home;
  }

  /** What a server says of itself and the others. */
  learn({ servers }) {
    if (!Array.isArray(servers)) return;
    const { current } = this;
    this.#others = servers.filter((origin) => /^https?:\/\/[^/]+$/.test(origin));
    localStorage.setItem(key, JSON.stringify(this.#others));
    this.#place = Math.max(0, this.all.indexOf(current));
  }

  /** From now on the next one is the current one. True when all have had their turn. */
  turn() {
    this.#place = (this.#place + 1) % this.all.length;
    return this.#place === 0;
  }

  choose(address) {
    this.#place = Math.max(0, this.all.indexOf(address));
  }

  /** The others: first the one that is said to take the writes. */
  elsewhere(primary) {
    const others = this.all.filter((address) => address !== this.current);
    return others.sort((a, b) => (b === `${primary}/`) - (a === `${primary}/`));
  }
}
