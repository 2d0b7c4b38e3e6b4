// Errors in words that help.

const general = {
  connection_lost: "There is no connection to the server right now. Please try again in a moment.",
  unavailable: "The server is busy right now. Please try again in a moment.",
  internal: "Something went wrong on the server. Please try again.",
  too_many: "That was a little fast. Please wait a moment and try again.",
  too_large: "This text is too long.",
  name_taken: "This name is taken. Please choose another one.",
  unauthorized: "Your session has ended. Please log in again.",
};

const special = {
  "login unauthorized": "Name or password is wrong.",
  "login bad_request": "Name or password is wrong.",
  "register bad_request": "The server does not accept this name or this password.",
  "find not_found": "Nobody here has exactly this name.",
  "find bad_request": "Nobody can have this name.",
  "send not_found": "This account does not exist any more.",
  "send too_large": "The text is too long for one message.",
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
  const bytes = new TextEncoder().encode(password).length;
  if (bytes < 8) return "A password needs at least 8 characters.";
  if (bytes > 256) return "This password is too long.";
  return null;
}
