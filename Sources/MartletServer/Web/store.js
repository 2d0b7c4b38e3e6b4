// What this device knows: conversations and their messages, in memory, always a whole function of the inbox up to
// the cursor. A message is known by (conversation, number); numbers have no gaps; cursors only grow.

/** A conversation's loaded messages: those from `low` to `high` without a hole. */
class Thread {
  messages = new Map();
  low = 0;
  high = 0;
  isLoaded = false;

  add(message) {
    this.messages.set(message.number, message);
    if (this.high === 0) this.low = this.high = message.number;
    while (this.messages.has(this.high + 1)) this.high += 1;
    while (this.messages.has(this.low - 1)) this.low -= 1;
  }

  get hasOlder() {
    return this.low > 1;
  }

  *inOrder() {
    if (this.high === 0) return;
    for (let number = this.low; number <= this.high; number += 1) yield this.messages.get(number);
  }
}

class Conversation {
  name = "";
  last = 0;
  read = 0;
  peerDelivered = 0;
  peerRead = 0;
  lastMessage = null;
  activity = 0;
  thread = new Thread();

  constructor(id) {
    this.id = id;
  }

  get unread() {
    return Math.max(0, this.last - this.read);
  }
}

export class Store {
  conversations = new Map();
  me = null;  // { user, name }
  isLoaded = false;
  #newestActivity = 0;
  #isChangeDue = false;

  /** onChange() comes once for many changes. */
  constructor(onChange) {
    this.onChange = onChange;
  }

  changed() {
    if (this.#isChangeDue) return;
    this.#isChangeDue = true;
    queueMicrotask(() => {
      this.#isChangeDue = false;
      this.onChange();
    });
  }

  /** Forgets what came from the server; names stay true. */
  reset() {
    const names = [...this.conversations.values()].map(({ id, name }) => [id, name]);
    this.conversations.clear();
    this.isLoaded = false;
    this.#newestActivity = 0;
    for (const [id, name] of names) this.conversation(id).name = name;
    this.changed();
  }

  conversation(id) {
    let conversation = this.conversations.get(id);
    if (!conversation) {
      conversation = new Conversation(id);
      this.conversations.set(id, conversation);
    }
    return conversation;
  }

  /** Newest first. Empty ones show only while they are new or open. */
  inOrder() {
    return [...this.conversations.values()]
      .filter((conversation) => conversation.activity > 0)
      .sort((a, b) => b.activity - a.activity);
  }

  get unread() {
    let sum = 0;
    for (const conversation of this.conversations.values()) sum += conversation.unread;
    return sum;
  }

  isMine(message) {
    return message.sender === this.me?.user;
  }

  mergeSummary(summary) {
    const conversation = this.conversation(summary.conversation);
    conversation.name = summary.name;
    conversation.last = Math.max(conversation.last, summary.last);
    this.#markRead(conversation, summary.read);
    this.#markPeer(conversation, summary.peerDelivered, summary.peerRead);
    if (summary.lastMessage) {
      if (!(conversation.lastMessage?.number > summary.lastMessage.number)) conversation.lastMessage = summary.lastMessage;
      if (this.isMine(conversation.lastMessage)) this.#markRead(conversation, conversation.last);
      this.touch(conversation, summary.lastMessage.sentAt);
    }
    this.changed();
  }

  /** Puts a new event's conversation on top, also when the server's clock stepped back. */
  #rise(conversation, sentAt) {
    this.touch(conversation, Math.max(sentAt, this.#newestActivity + 1));
  }

  touch(conversation, activity) {
    conversation.activity = Math.max(conversation.activity, activity);
    this.#newestActivity = Math.max(this.#newestActivity, conversation.activity);
    this.changed();
  }

  /** Applies one event of the inbox. Twice does no harm. */
  apply(event) {
    if (event.message) this.#applyMessage(event.message);
    if (event.delivered) this.#markPeer(this.conversation(event.delivered.conversation), event.delivered.upTo, 0);
    if (event.read) {
      const conversation = this.conversation(event.read.conversation);
      if (event.read.by === "own") this.#markRead(conversation, event.read.upTo);
      else this.#markPeer(conversation, event.read.upTo, event.read.upTo);
    }
    this.changed();
  }

  #applyMessage(message) {
    const conversation = this.conversation(message.conversation);
    conversation.thread.add(message);
    if (message.number <= conversation.last) return;
    conversation.last = message.number;
    conversation.lastMessage = message;
    // Who writes has read what came before, here as there; the server sends no event of its own for it.
    if (this.isMine(message)) this.#markRead(conversation, message.number);
    if (!this.isMine(message) || conversation.id === this.me.user) this.#markPeer(conversation, message.number, message.number);
    this.#rise(conversation, message.sentAt);
  }

  addHistory(id, messages) {
    const { thread } = this.conversation(id);
    for (const message of messages) thread.add(message);
    this.changed();
  }

  markRead(id, upTo) {
    this.#markRead(this.conversation(id), upTo);
    this.changed();
  }

  #markRead(conversation, upTo) {
    conversation.read = Math.max(conversation.read, upTo);
  }

  #markPeer(conversation, delivered = 0, read = 0) {
    conversation.peerRead = Math.max(conversation.peerRead, read);
    conversation.peerDelivered = Math.max(conversation.peerDelivered, delivered, read);
  }
}
