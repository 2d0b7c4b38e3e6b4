// A conversation as this device knows it. A message is known by (conversation, number); numbers have no gaps, cursors
// only grow, and of two states of one message the higher revision counts.

/** Which of two states of the same message counts. What I deleted for myself stays deleted. */
export function newer(held, message) {
  if (!held || message.deleted === "me") return message;
  if (held.deleted === "me") return held;
  return (message.revision ?? 0) >= (held.revision ?? 0) ? message : held;
}

/** The loaded messages: those from `low` to `high` without a hole. */
class Thread {
  messages = new Map();
  low = 0;
  high = 0;
  isLoaded = false;
  isWhole = false;  // the server has nothing older for this user

  add(message) {
    this.messages.set(message.number, newer(this.messages.get(message.number), message));
    if (this.high === 0) this.low = this.high = message.number;
    while (this.messages.has(this.high + 1)) this.high += 1;
    while (this.messages.has(this.low - 1)) this.low -= 1;
  }

  get hasOlder() {
    return this.low > 1 && !this.isWhole;
  }

  *inOrder() {
    if (this.high === 0) return;
    for (let number = this.low; number <= this.high; number += 1) yield this.messages.get(number);
  }

  /** The newest `count` messages, oldest first. */
  newest(count) {
    const found = [];
    for (let number = this.high; number >= this.low && number > 0 && found.length < count; number -= 1) {
      found.push(this.messages.get(number));
    }
    return found.reverse();
  }
}

export const isGroup = (id) => id[0] >= "8";

export class Conversation {
  name = "";
  last = 0;
  read = 0;
  peerDelivered = 0;
  peerRead = 0;
  lastMessage = null;
  activity = 0;
  mutedUntil = 0;
  group = null;  // { role, members, from } once known
  members = null;  // user -> { user, name, role, delivered, read }, when loaded
  areMembersStale = true;
  isMissing = false;  // the server knows no such group, or not for this user
  thread = new Thread();

  constructor(id) {
    this.id = id;
    this.isGroup = isGroup(id);
  }

  get unread() {
    return Math.max(0, this.last - Math.max(this.read, (this.group?.from ?? 1) - 1));
  }

  get isMuted() {
    return this.mutedUntil / 1_000 > Date.now();
  }

  /** Whether this user may still write here. */
  get isOpen() {
    return !this.isGroup || this.group?.role !== "none";
  }

  /** May change the name, the members, and what others wrote. */
  get isGoverned() {
    return this.group?.role === "owner" || this.group?.role === "admin";
  }

  /** The newest message that shows; null when none is known. */
  get preview() {
    for (let number = this.last; number > 0; number -= 1) {
      const message = this.thread.messages.get(number) ?? (number === this.lastMessage?.number ? this.lastMessage : null);
      if (!message) break;
      if (message.deleted !== "me") return message;
    }
    return null;
  }

  message(number) {
    return this.thread.messages.get(number) ?? (this.lastMessage?.number === number ? this.lastMessage : undefined);
  }

  /** A new state of a message that is here; of others, history will tell. */
  replace(message) {
    if (this.thread.messages.has(message.number)) this.thread.add(message);
    if (this.lastMessage?.number === message.number) this.lastMessage = newer(this.lastMessage, message);
  }

  markRead(upTo = 0) {
    this.read = Math.max(this.read, upTo);
  }

  markPeer(delivered = 0, read = 0) {
    this.peerRead = Math.max(this.peerRead, read);
    this.peerDelivered = Math.max(this.peerDelivered, delivered, read);
  }

  markMember(user, delivered = 0, read = 0) {
    const member = this.members?.get(user);
    if (!member) return;
    member.read = Math.max(member.read ?? 0, read);
    member.delivered = Math.max(member.delivered ?? 0, delivered, read);
  }
}
