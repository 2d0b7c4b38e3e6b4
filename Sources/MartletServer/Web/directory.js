// Who is who: names and kinds of conversations that an event named by id alone, members of groups, contacts.

const pageSize = 100;
const mostMembers = 1_000;  // of a larger group only those who speak are looked up
const settle = 250;
const gather = 30;  // for so long names are gathered into one question

/** The id just before this one: `after` it, a page begins with it. */
function before(id) {
  const value = BigInt(`0x${id}`);
  return value > 0n ? { after: (value - 1n).toString(16).padStart(16, "0") } : {};
}

export class Directory {
  #asked = new Map();  // what is asked for -> the wire that was asked
  #due = new Map();
  #nameless = new Set();
  #unnamed = new Map();  // group -> who speaks there and has no name yet

  constructor({ connection, store }) {
    Object.assign(this, { connection, store });
  }

  forget() {
    this.#asked.clear();
    for (const timer of this.#due.values()) clearTimeout(timer);
    this.#due.clear();
    this.#unnamed.clear();
    this.#nameless.clear();
  }

  /** Each thing once for each connection, unless it failed in a way that passes. */
  async #once(key, task) {
    const wire = this.connection.wire;
    if (!wire || this.#asked.get(key) === wire) return;
    this.#asked.set(key, wire);
    try {
      await task();
      this.store.changed();
    } catch (error) {
      if (error.isRetryable) setTimeout(() => this.#asked.delete(key), error.retryAfter ?? 3_000);
    }
  }

  /** The contacts, at every start. */
  async loadContacts() {
    const known = new Set();
    let page = { contacts: [], more: true };
    try {
      while (page.more) {
        const after = page.contacts.at(-1)?.user;
        page = await this.connection.request("contacts", { limit: pageSize, ...(after && { after }) });
        for (const contact of page.contacts) {
          known.add(contact.user);
          this.store.setContact(contact);
        }
        if (page.contacts.length === 0) break;
      }
      for (const user of this.store.contacts.keys()) if (!known.has(user)) this.store.contacts.delete(user);
      this.store.changed();
    } catch {
      // An older server, or no connection: the next one asks again.
    }
  }

  learn(conversation) {
    if (conversation.isGroup) this.#once(`group ${conversation.id}`, () => this.#loadGroup(conversation.id));
    else this.#once(`name ${conversation.id}`, () => this.#loadName(conversation.id));
  }

  async #loadName(id) {
    const page = await this.connection.request("conversations", { limit: 1, ...before(id) });
    if (page.conversations[0]?.conversation === id) this.store.mergeSummary(page.conversations[0]);
  }

  async #loadGroup(id) {
    const conversation = this.store.conversation(id);
    const { name, role, members, from } = await this.connection.request("group", { conversation: id }).catch((error) => {
      conversation.isMissing = error.code === "not_found";
      this.store.changed();
      throw error;
    });
    conversation.name = name;
    conversation.setGroup({ role, members, from });
  }

  /** A group's log has grown: what is known of the group may be old. Many entries make one question. */
  noticed({ conversation: id, notice }) {
    const conversation = this.store.conversation(id);
    conversation.areMembersStale = true;
    if (notice.kind === "renamed" && notice.name) conversation.name = notice.name;
    clearTimeout(this.#due.get(id));
    this.#due.set(id, setTimeout(() => {
      this.#due.delete(id);
      this.#asked.delete(`group ${id}`);
      this.learn(conversation);
      this.store.changed();
    }, settle));
  }

  /** To be called while a group is looked at: loads its members when they are not known, or have changed. */
  needMembers(conversation) {
    if (!conversation.isGroup || !conversation.areMembersStale || conversation.group?.role === "none") return;
    this.#once(`members ${conversation.id}`, async () => {
      await this.#loadMembers(conversation.id);
      this.#asked.delete(`members ${conversation.id}`);
    });
  }

  async #loadMembers(id) {
    const conversation = this.store.conversation(id);
    conversation.areMembersStale = false;
    const members = new Map();
    let page = { members: [], more: true };
    try {
      while (page.more && members.size < mostMembers) {
        const after = page.members.at(-1)?.user;
        page = await this.connection.request("members", { conversation: id, limit: pageSize, ...(after && { after }) });
        for (const member of page.members) {
          members.set(member.user, member);
          this.store.learnName(member.user, member.name);
        }
        if (page.members.length === 0) break;
      }
    } catch (error) {
      conversation.areMembersStale = error.isRetryable;
      throw error;
    }
    conversation.setMembers(members, !page.more);
  }

  /** The name of somebody who speaks, or spoke, in a group; undefined until it is known. */
  speaker(conversation, user) {
    const name = this.store.nameOf(user);
    if (name || !conversation.isGroup) return name;
    const { id } = conversation;
    if (this.#nameless.has(user)) return "Former member";
    const key = `speaker ${id} ${user}`;
    const { wire } = this.connection;
    if (!wire || this.#asked.get(key) === wire) return undefined;
    this.#asked.set(key, wire);
    const wanted = this.#unnamed.get(id);
    if (wanted) wanted.add(user);
    else {
      this.#unnamed.set(id, new Set([user]));
      setTimeout(() => this.#loadSpeakers(id), gather);
    }
    return undefined;
  }

  /** Who is behind ids of a group's history: those who have left as well, which no list of members shows. */
  async #loadSpeakers(id) {
    const users = [...this.#unnamed.get(id) ?? []];
    this.#unnamed.delete(id);
    for (let from = 0; from < users.length; from += pageSize) {
      const some = users.slice(from, from + pageSize);
      try {
        const { names } = await this.connection.request("names", { conversation: id, users: some });
        for (const { user, name } of names) this.store.learnName(user, name);
        // Accounts that are deleted have no name any more.
        for (const user of some) if (!this.store.nameOf(user)) this.#nameless.add(user);
        this.store.changed();
      } catch (error) {
        if (error.isRetryable) setTimeout(() => some.forEach((user) => this.#asked.delete(`speaker ${id} ${user}`)), error.retryAfter ?? 3_000);
      }
    }
  }
}
