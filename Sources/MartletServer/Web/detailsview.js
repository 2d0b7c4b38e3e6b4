// About the open conversation: a person, or a group with its members.

import { ask, attempt, complaint, field, lineButton, openSheet, section } from "./dialog.js";
import { avatar, bdi, button, make, toast } from "./dom.js";
import { cleanText, lastSeen } from "./format.js";
import { complaintAboutGroupName } from "./groupview.js";
import { showInvitationLink } from "./linkview.js";
import { showMembers } from "./membersview.js";
import { showMenu } from "./menu.js";
import { describe, muteText, plural } from "./words.js";

const forGood = 9_007_199_254_740_991;
const spans = { "For 1 hour": 3_600, "For 8 hours": 28_800, "For a week": 604_800, "For good": null };

export function show(app, conversation) {
  const { store, presence } = app;
  const sheet = openSheet(conversation.isGroup ? "Group" : "About", { onClose: () => {
    presence.showAlso([]);
    clearInterval(ticking);
  } });
  const act = async (verb, body, then) => {
    try {
      // In a line of its own: an optional call that is not made does not ask for its arguments either.
      const answer = await app.connection.request(verb, body);
      then?.(answer);
    } catch (error) {
      toast(describe(error, verb));
    }
    render();
  };
  let looks = "";
  const render = (isForced = true) => {
    const current = store.conversation(conversation.id);
    const now = JSON.stringify([current.name, current.group, current.mutedUntil, current.areMembersStale, [...(current.members?.values() ?? [])].map(({ user, role }) => [user, role, presence.isOnline(user)]), store.contact(current.id), presence.of(current.id)]);
    if (!isForced && now === looks) return;
    looks = now;
    const parts = current.isGroup ? groupParts(app, current, sheet, act) : personParts(app, current, sheet, act);
    const place = sheet.body.scrollTop;
    const focused = [...sheet.body.querySelectorAll("button, input")].indexOf(document.activeElement);
    sheet.body.replaceChildren(...parts.filter(Boolean));
    sheet.body.scrollTop = place;
    if (focused >= 0) sheet.body.querySelectorAll("button, input")[focused]?.focus({ preventScroll: true });
  };
  if (conversation.isGroup) conversation.areMembersStale = true;
  render();
  const ticking = setInterval(() => {
    app.directory.needMembers(store.conversation(conversation.id));
    render(false);
  }, 600);
  if (conversation.isGroup) presence.showAlso([...(conversation.members?.keys() ?? [])].slice(0, 64));
}

function profile(app, { id, isGroup, name }, note) {
  return make("div", { class: "profile" },
    avatar(id, name || "…", { isGroup, isOnline: !isGroup && app.presence.isOnline(id) }, "large"), make("b", {}, bdi(name)), note && make("small", {}, note));
}

function muteLine(conversation, act) {
  const { id, isMuted, mutedUntil } = conversation;
  const set = (until) => act("mute", { conversation: id, until }, (answer) => (conversation.mutedUntil = answer.mutedUntil ?? until));
  if (isMuted) return lineButton("bell", "Unmute", () => set(0), { note: muteText(mutedUntil) });
  const line = lineButton("mute", "Mute…", () => showMenu(Object.entries(spans).map(([label, seconds]) => ({
    label, icon: "clock", action: () => set(seconds ? (Date.now() + seconds * 1_000) * 1_000 : forGood),
  })), line, { label: "Mute", owner: line }));
  return line;
}

function personParts(app, conversation, sheet, act) {
  const { store, presence } = app;
  const { id, name } = conversation;
  if (id === store.me.user) return [profile(app, conversation, "Messages to yourself: notes, on all your devices"), section("", muteLine(conversation, act))];
  const { state: isThere, lastSeen: seen } = presence.of(id);
  const { state, blocked } = store.contact(id);
  const note = isThere === "online" ? "online" : isThere === "offline" ? lastSeen(seen) || "offline" : "";
  const contact = (action) => act("contact", { user: id, action }, (answer) => store.setContact(answer));
  const contactLines = {
    none: () => [lineButton("person-add", "Add to contacts", () => contact("request"))],
    requested: () => [lineButton("person-add", "Withdraw the request", () => contact("remove"), { note: "Asked" })],
    incoming: () => [lineButton("check", "Accept the request", () => contact("accept")), lineButton("close", "Decline the request", () => contact("decline"))],
    contact: () => [lineButton("person", "Remove from contacts", () => contact("remove"), { note: "Contact" })],
  };
  const block = async () => {
    const sure = blocked || (await ask(`Block ${name}?`, "You will get no messages and no requests from this person, and they do not see when you are online.", { block: { label: "Block", isDanger: true } }));
    if (sure) act("block", { user: id, blocked: !blocked }, (answer) => store.setContact(answer));
  };
  return [
    profile(app, conversation, note),
    section("", ...(blocked ? [] : contactLines[state]?.() ?? []), muteLine(conversation, act),
      lineButton("block", blocked ? "Unblock" : "Block", block, { isDanger: !blocked })),
  ];
}

function groupParts(app, conversation, sheet, act) {
  const { id, group, isGoverned } = conversation;
  const head = profile(app, conversation, group ? plural(group.members, "member", "members") : "");
  if (!group || group.role === "none") return [head, make("p", { class: "hint" }, "You are not a member of this group any more. What was written while you were stays readable."), section("", muteLine(conversation, act))];
  const leave = async () => {
    const answer = await ask("Leave the group?", "What has been written so far stays readable for you.", { leave: { label: "Leave", isDanger: true } });
    if (answer) act("leave", { conversation: id });
  };
  return [
    head,
    section("",
      isGoverned && lineButton("pen", "Rename", () => rename(app, conversation)),
      isGoverned && lineButton("link", "Invitation link", () => showInvitationLink(app, conversation)),
      muteLine(conversation, act),
      lineButton("leave", "Leave the group", leave, { isDanger: true })),
    section("Members",
      isGoverned && lineButton("person-add", "Add members", () => app.show("groupview", conversation)),
      showMembers(app, conversation, sheet, act)),
  ];
}

function rename(app, conversation) {
  const sheet = openSheet("Rename the group", { className: "small" });
  const name = field("Name", { maxlength: "100", dir: "auto" });
  name.input.value = conversation.name;
  const trouble = complaint();
  const submit = make("button", { class: "primary" }, "Rename");
  const form = make("form", { novalidate: "" }, name.element, trouble.element, make("div", { class: "actions" }, button("Cancel", sheet.close), submit));
  form.onsubmit = async (event) => {
    event.preventDefault();
    const title = cleanText(name.input.value).replace(/\s+/g, " ");
    const wrong = complaintAboutGroupName(title);
    if (wrong) return trouble.show(wrong);
    if (await attempt(submit, trouble, "rename", () => app.connection.request("rename", { conversation: conversation.id, name: title }))) sheet.close();
  };
  sheet.body.append(form);
  name.input.select();
}
