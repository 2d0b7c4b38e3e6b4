// Invitations to groups: addresses with #join=…

import { ask } from "./dialog.js";
import { toast } from "./dom.js";
import { describe } from "./words.js";

/** The address that lets others join. */
export const addressOf = (link) => `${location.origin}${location.pathname}#join=${encodeURIComponent(link)}`;

/** The link inside of an address that somebody has pasted; null when there is none. */
export function linkIn(text) {
  try {
    return decodeURIComponent(/#join=(\S+)/.exec(text)[1]);
  } catch {
    return null;
  }
}

export async function accept(app, link) {
  if (!link) return;
  const answer = await ask("Join the group?", "You have been invited by a link.", { join: { label: "Join" } });
  if (!answer) return;
  try {
    app.open((await app.connection.request("join", { link })).conversation);
  } catch (error) {
    toast(describe(error, "join"));
  }
}
