// How far one's own message has come, as a drawing with words for screen readers.

import { icon } from "./dom.js";

const looks = {
  sending: ["clock", "Sending"],
  failed: ["warn", "Not sent"],
  stored: ["tick", "Sent"],
  delivered: ["ticks", "Delivered"],
  read: ["ticks", "Read"],
};

export function stateOf(number, conversation) {
  if (number <= conversation.peerRead) return "read";
  return number <= conversation.peerDelivered ? "delivered" : "stored";
}

export function stateOfItem(item, conversation) {
  if (item.failure) return "failed";
  return item.number ? stateOf(item.number, conversation) : "sending";
}

export function stateIcon(state) {
  const [drawing, words] = looks[state];
  return icon(drawing, `state ${state}`, words);
}
