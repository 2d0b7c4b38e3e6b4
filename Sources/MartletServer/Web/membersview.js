// The members of a group, and what can be done with them.

import { ask } from "./dialog.js";
import { avatar, bdi, icon, make } from "./dom.js";
import { showMenu } from "./menu.js";
import { roles } from "./words.js";

const mostShown = 300;
const order = { owner: 0, admin: 1, member: 2 };

export function showMembers(app, conversation, sheet, act) {
  const { members, areAllMembersKnown } = conversation;
  if (!members) return make("p", { class: "hint" }, app.connection.wire ? "Loading…" : "The members show when there is a connection.");
  const sorted = [...members.values()].sort((a, b) => order[a.role] - order[b.role] || a.name.localeCompare(b.name));
  const list = make("ul", { class: "entries" }, ...sorted.slice(0, mostShown).map((member) => entry(app, conversation, member, sheet, act)));
  const rest = (areAllMembersKnown ? sorted.length : conversation.group.members) - Math.min(sorted.length, mostShown);
  return make("div", {}, list, rest > 0 && make("p", { class: "hint" }, `and ${rest.toLocaleString()} more`));
}

function entry(app, conversation, member, sheet, act) {
  const { user, name, role } = member;
  const isMe = user === app.store.me.user;
  const parts = [
    avatar(user, name, { isOnline: !isMe && app.presence.isOnline(user) }),
    make("span", { class: "entry-words" }, make("span", {}, bdi(name), isMe && " (you)")),
    role !== "member" && make("span", { class: "entry-tag" }, roles[role]),
  ];
  const items = isMe ? [] : itemsFor(app, conversation, member, sheet, act);
  if (items.length === 0) return make("li", { class: "entry" }, ...parts);
  const more = make("button", { type: "button", class: "icon-button", "aria-label": `More about ${name}`, "aria-haspopup": "menu" }, icon("more"));
  more.onclick = () => showMenu(items, more, { label: name, owner: more });
  return make("li", { class: "entry" }, ...parts, more);
}

function itemsFor(app, conversation, { user, name, role }, sheet, act) {
  const { id: group, group: { role: mine } } = conversation;
  const items = [{ label: "Chat", icon: "person", action: () => {
    sheet.close();
    app.store.conversation(user).name = name;
    app.open(user);
  } }];
  const setRole = (label, to) => items.push({ label, icon: "key", action: () => act("role", { conversation: group, user, role: to }, () => (conversation.areMembersStale = true)) });
  if (mine === "owner") {
    if (role === "member") setRole("Make admin", "admin");
    if (role !== "member") setRole("Make member", "member");
    if (role !== "owner") setRole("Make owner", "owner");
  }
  if (mine === "owner" || (mine === "admin" && role === "member")) {
    items.push({ label: "Remove from the group", icon: "leave", isDanger: true, action: async () => {
      const answer = await ask(`Remove ${name}?`, "What has been written so far stays readable for them.", { remove: { label: "Remove", isDanger: true } });
      if (answer) act("remove", { conversation: group, user }, () => (conversation.areMembersStale = true));
    } });
  }
  return items;
}
