// The invitation link of a group.

import { copy } from "./actions.js";
import { attempt, choice, complaint, openSheet } from "./dialog.js";
import { button, make } from "./dom.js";
import { dateAndTime } from "./format.js";
import { addressOf } from "./invitation.js";

const spans = { 3600: "1 hour", 86400: "1 day", 604800: "1 week", 2592000: "30 days" };

export function showInvitationLink(app, { id, name }) {
  const sheet = openSheet("Invitation link", { className: "small" });
  const trouble = complaint();
  const place = make("div", { class: "link-place" });
  let seconds = "604800";
  const make_ = button("Make a link", async () => {
    await attempt(make_, trouble, "link", async () => {
      const { link, expiresAt } = await app.connection.request("link", { conversation: id, seconds: Number(seconds) });
      const address = addressOf(link);
      place.replaceChildren(make("p", { class: "link-box", dir: "ltr" }, address), make("p", { class: "hint" }, `Works until ${dateAndTime(expiresAt)}. A new link makes this one void.`));
      const share = navigator.share && button("Share", () => navigator.share({ title: name, url: address }).catch(() => {}), "secondary");
      const take = button("Copy link", () => copy(address, "Link copied."), "primary");
      buttons.replaceChildren(...(share ? [take, share, revoke] : [revoke, take]));
    });
  }, "primary");
  const revoke = button("Make all links void", async () => {
    if (!(await attempt(revoke, trouble, "link", () => app.connection.request("link", { conversation: id, revoke: true })))) return;
    place.replaceChildren(make("p", { class: "hint" }, "No link lets anybody in any more."));
    buttons.replaceChildren(make_);
  });
  const buttons = make("div", { class: "actions" }, revoke, make_);
  sheet.body.append(
    make("p", { class: "hint" }, "Whoever has the link and an account here can join the group, until it expires."),
    choice("Valid for", spans, seconds, (value) => (seconds = value)), place, trouble.element, buttons);
}
