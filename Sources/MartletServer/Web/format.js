// How times and texts are shown. Times are microseconds, and never decide an order.

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const shortDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const fullDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const complete = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

const brief = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

const dateOf = (micros) => new Date(micros / 1000);

function daysAgo(date) {
  const midnight = (d) => new Date(d.getFullYear(), d.getMonth(), d.getDate());
  return Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
}

export const timeOfDay = (micros) => clock.format(dateOf(micros));
export const fullTime = (micros) => complete.format(dateOf(micros));
export const dayKey = (micros) => dateOf(micros).toDateString();

/** For the list: now, 4 min, 14:03, Yesterday, Tue, 3 Oct. */
export function relativeTime(micros) {
  const date = dateOf(micros);
  const minutes = Math.floor((Date.now() - date) / 60_000);
  const days = daysAgo(date);
  if (minutes < 1 && days <= 0) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (days <= 0) return clock.format(date);
  if (days === 1) return "Yesterday";
  if (days < 7) return weekday.format(date);
  return date.getFullYear() === new Date().getFullYear() ? shortDay.format(date) : fullDay.format(date);
}

/** For the separators of the thread. */
export function dayName(micros) {
  const date = dateOf(micros);
  const days = daysAgo(date);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return date.getFullYear() === new Date().getFullYear() ? longDay.format(date) : fullDay.format(date);
}

/** How long ago, for "last seen". */
export function lastSeen(micros) {
  if (!micros) return "";
  const minutes = Math.floor((Date.now() - dateOf(micros)) / 60_000);
  if (minutes < 1) return "last seen just now";
  if (minutes < 60) return `last seen ${minutes} min ago`;
  const days = daysAgo(dateOf(micros));
  if (days <= 0) return `last seen today at ${timeOfDay(micros)}`;
  if (days === 1) return `last seen yesterday at ${timeOfDay(micros)}`;
  return days < 365 ? `last seen ${shortDay.format(dateOf(micros))}` : `last seen ${fullDay.format(dateOf(micros))}`;
}

export const dateAndTime = (micros) => brief.format(dateOf(micros));

// An address ends where a character would turn the direction of what follows: it must read as what it is.
const links = /\b(?:https?:\/\/|mailto:)[^\s<>"'`\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gi;
const schemes = ["http:", "https:", "mailto:"];

/** Cuts a text into strings and links; only http, https and mailto are links. */
export function textAndLinks(text) {
  const parts = [];
  let done = 0;
  for (const match of text.matchAll(links)) {
    const address = trimLink(match[0]);
    if (!isAddress(address)) continue;
    if (match.index > done) parts.push(text.slice(done, match.index));
    parts.push({ address });
    done = match.index + address.length;
  }
  if (done < text.length) parts.push(text.slice(done));
  return parts;
}

/** The full stop, or the bracket that was opened before the link, is not part of it. */
function trimLink(address) {
  for (;;) {
    const end = address.at(-1);
    const unopened = end === ")" && address.split(")").length > address.split("(").length;
    if (!unopened && !".,;:!?…。、，」』）】".includes(end)) return address;
    address = address.slice(0, -1);
  }
}

function isAddress(address) {
  try {
    const url = new URL(address);
    return schemes.includes(url.protocol) && (url.protocol !== "mailto:" || url.pathname.includes("@"));
  } catch {
    return false;
  }
}

/**
 * What can be sent: no lone surrogates and no control characters but line break and tab, which a
 * strict server would refuse or which would swell the frame; no blank ends.
 */
export function cleanText(text) {
  const wellFormed = text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
  return wellFormed.replace(/\r\n?/g, "\n").replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "").trim();
}

export const byteCount = (text) => new TextEncoder().encode(text).length;

/** The beginning of a text on one line. */
export const oneLine = (text, length = 120) => [...text.slice(0, 2 * length)].slice(0, length).join("").replace(/\s+/g, " ");

const emoji = /^(?:(?:\p{RI}{2}|\p{Extended_Pictographic}(?:\ufe0f|\u200d|\p{Emoji_Modifier}|\p{Extended_Pictographic})*)\s*){1,3}$/u;

/** Up to three emoji and nothing else. */
export const isEmoji = (text) => text.length <= 40 && emoji.test(text);
