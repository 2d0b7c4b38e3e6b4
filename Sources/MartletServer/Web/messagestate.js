// How far one's own message has come, as a drawing with words for screen readers.

import { icon } from "./dom.js";

const looks = {
  sending: ["clock", "Sending"],
  kept: ["tray", "Kept by the server, not stored yet"],
  failed: ["warn", "Not sent"],
  stored: ["tick", "Sent"],
  delivered: ["ticks", "Delivered"],
  read: ["ticks", "Read"],
};

/** `stored`, `delivered` or `read`; in a group only when all others have. */
export function stateOf(number, conversation, me) {
  if (conversation.isGroup) return stateInGroup(number, conversation, me);
  if (number <= conversation.peerRead) return "read";
  return number <= conversation.peerDelivered ? "delivered" : "stored";
}

function othersIn({ members, areAllMembersKnown }, me) {
  return members && areAllMembersKnown ? [...members.values()].filter(({ user }) => user !== me) : [];
}

function stateInGroup(number, conversation, me) {
  const others = othersIn(conversation, me);
  if (others.length === 0) return "stored";
  if (others.every(({ read }) => read >= number)) return "read";
  return others.every(({ delivered, read }) => delivered >= number || read >= number) ? "delivered" : "stored";
}

/** Who of a group has read a message: { read: [names], others: count }, or null when that is not known. */
export function readersOf(number, conversation, me) {
  const others = othersIn(conversation, me);
  if (others.length === 0) return null;
  const readers = others.filter(({ read }) => read >= number);
  return { names: readers.map(({ name }) => name), of: others.length };
}

export function stateOfItem(item, conversation, me) {
  if (item.failure) return "failed";
  if (item.number) return stateOf(item.number, conversation, me);
  return item.isKept ? "kept" : "sending";
}

export function stateIcon(state) {
  const [drawing, words] = looks[state];
  return icon(drawing, `state ${state}`, words);
}
