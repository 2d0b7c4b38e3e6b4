// What the page says: errors in words that help, and entries of a group's log.

const general = {
  connection_lost: "There is no connection to the server right now. Please try again in a moment.",
  unavailable: "The server is busy right now. Please try again in a moment.",
  read_only: "This server can only be read right now. Please try again in a moment.",
  indefinite: "The server has not confirmed this yet. It may have been done.",
  internal: "Something went wrong on the server. Please try again.",
  too_many: "That was a little fast. Please wait a moment and try again.",
  too_large: "This text is too long.",
  name_taken: "This name is taken. Please choose another one.",
  unauthorized: "Your session has ended. Please log in again.",
  unknown_verb: "This server is older than this page and cannot do that yet.",
  forbidden: "You are not allowed to do that.",
  conflict: "Something else has changed in the meantime. Please try again.",
  not_found: "This does not exist any more.",
};

const special = {
  "login unauthorized": "Name or password is wrong.",
  "login bad_request": "Name or password is wrong.",
  "register bad_request": "The server does not accept this name or this password.",
  "find not_found": "Nobody here has exactly this name.",
  "find bad_request": "Nobody can have this name.",
  "send not_found": "This account does not exist any more.",
  "send too_large": "The text is too long for one message.",
  "send forbidden": "This message cannot be delivered to this conversation.",
  "edit too_late": "It is too late to edit this message.",
  "delete too_late": "It is too late to delete this message for everybody.",
  "contact forbidden": "This person does not take requests from you.",
  "add forbidden": "One of them cannot be added by you.",
  "create forbidden": "One of them cannot be added by you.",
  "join not_found": "This invitation does not exist, or has expired.",
  "join forbidden": "This invitation has expired.",
  "password unauthorized": "The old password is wrong.",
  "password forbidden": "The old password is wrong.",
  "password bad_request": "The server does not accept this password.",
};

/** `task` is the verb that failed. */
export function describe(error, task) {
  const words = special[`${task} ${error.code}`] ?? general[error.code];
  if (words && error.code === "too_many" && error.retryAfter >= 1_000) {
    return `That was a little fast. Please try again in ${Math.ceil(error.retryAfter / 1_000)} seconds.`;
  }
  if (words) return words;
  return error.status >= 500 ? general.internal : "The server did not accept this.";
}

const nameForm = /^[A-Za-z0-9\-_.[\]{}|^`\\]{1,32}$/;
const rule = "has 1 to 32 characters: letters a to z, digits and - _ . [ ] { } | ^ ` \\, no spaces";

/** What is wrong with a name to look for. Imported channels have a # in front. */
export function complaintAboutSought(name) {
  if (name === "") return "Please enter a name.";
  return nameForm.test(name.replace(/^#/, "")) && name.length <= 32 ? null : `Nobody can have this name: a name ${rule}.`;
}

/** What is wrong with a new name or password, before the server is asked. */
export function complaintAbout(name, password) {
  if (name === "") return "Please enter a name.";
  if (!nameForm.test(name)) return `A name ${rule}.`;
  return complaintAboutPassword(password);
}

export function complaintAboutPassword(password) {
  const bytes = new TextEncoder().encode(password).length;
  if (bytes < 8) return "A password needs at least 8 characters.";
  if (bytes > 256) return "This password is too long.";
  return null;
}

export const plural = (count, one, many) => `${count.toLocaleString()} ${count === 1 ? one : many}`;

export const roles = { owner: "Owner", admin: "Admin", member: "Member" };

/**
 * An entry of a group's log, as `me` reads it. `name(user)` is a user's name, or "You". Names come isolated from their
 * surroundings.
 */
export function noticeText({ sender, notice }, name, me) {
  const who = isolate(name(sender));
  const whom = notice.user === me ? "you" : notice.user ? isolate(name(notice.user)) : "";
  switch (notice.kind) {
    case "created": return `${who} created the group`;
    case "renamed": return `${who} named the group ${notice.name ? `“${isolate(notice.name)}”` : "anew"}`;
    case "added": return `${who} added ${whom}`;
    case "removed": return `${who} removed ${whom}`;
    case "left": return `${who} left`;
    case "joined": return `${who} joined by the invitation link`;
    case "role": return `${who} made ${whom} ${{ owner: "an owner", admin: "an admin" }[notice.role] ?? "a member"}`;
    default: return `${who} changed the group`;
  }
}

/** Keeps the direction of a name to itself, inside of plain text. */
export const isolate = (text) => `\u2068${text}\u2069`;

/** "Bea is writing", "Bea and Cid are writing", "3 people are writing". */
export function typingText(names) {
  if (names.length === 0) return "";
  if (names.length > 2) return `${names.length} people are writing…`;
  return `${names.map(isolate).join(" and ")} ${names.length === 1 ? "is" : "are"} writing…`;
}

/** Until when a conversation is silent. */
export function muteText(micros) {
  if (micros >= 9_007_199_254_740_991) return "Muted";
  return `Muted until ${new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(micros / 1_000))}`;
}
