// Contacts: who asks, who is one, whom one has asked, and who is blocked.

import { ask, attempt, complaint, openSheet, section } from "./dialog.js";
import { avatar, bdi, button, icon, make, toast } from "./dom.js";
import { lastSeen } from "./format.js";
import { showMenu } from "./menu.js";
import { complaintAboutSought, describe } from "./words.js";

export function show(app) {
  const { store, presence, connection } = app;
  const sheet = openSheet("People", { onClose: () => {
    presence.showAlso([]);
    clearInterval(ticking);
  } });
  const lists = make("div", { class: "sheet-lists" });
  const form = addForm(app, () => render());
  sheet.body.append(form, lists);

  const act = async (verb, body) => {
    try {
      store.setContact(await connection.request(verb, body));
    } catch (error) {
      toast(describe(error, verb));
    }
    render();
  };

  const entry = ({ user, name }, note, ...rest) =>
    make("li", { class: "entry" },
      avatar(user, name, { isOnline: presence.isOnline(user) }),
      make("span", { class: "entry-words" }, make("b", {}, bdi(name)), note && make("small", {}, note)), ...rest);

  const tiny = (label, name, action, className = "secondary") => {
    const element = button(label, action, `${className} tiny`);
    element.setAttribute("aria-label", `${label} ${name}`);
    return element;
  };

  const contactEntry = (contact) => {
    const { user, name } = contact;
    const { state, lastSeen: seen } = presence.of(user);
    const more = make("button", { type: "button", class: "icon-button", "aria-label": `More about ${name}`, "aria-haspopup": "menu" }, icon("more"));
    more.onclick = () => showMenu([
      { label: "Remove contact", icon: "bin", isDanger: true, action: () => act("contact", { user, action: "remove" }) },
      { label: "Block", icon: "block", isDanger: true, action: () => block(contact) },
    ], more, { label: name, owner: more });
    const chat = tiny("Chat", name, () => {
      sheet.close();
      app.open(user);
    });
    return entry(contact, state === "online" ? "online" : state === "offline" ? lastSeen(seen) : "", chat, more);
  };

  const block = async ({ user, name }) => {
    const answer = await ask(`Block ${name}?`, "You will get no messages and no requests from this person, and they do not see when you are online.", { block: { label: "Block", isDanger: true } });
    if (answer) act("block", { user, blocked: true });
  };

  const list = (title, contacts, make_) => contacts.length > 0 && section(title, make("ul", { class: "entries" }, ...contacts.map(make_)));

  let looks = "";
  const render = (isForced = true) => {
    const all = [...store.contacts.values()].sort((a, b) => a.name.localeCompare(b.name));
    const now = JSON.stringify(all.map((contact) => [contact, presence.of(contact.user)]));
    if (!isForced && now === looks) return;
    looks = now;
    const of = (state) => all.filter((contact) => contact.state === state && !contact.blocked);
    const contacts = of("contact").sort((a, b) => presence.isOnline(b.user) - presence.isOnline(a.user));
    const shown = [
      list("Requests", of("incoming"), (contact) => entry(contact, "would like to be your contact",
        tiny("Accept", contact.name, () => act("contact", { user: contact.user, action: "accept" }), "primary"),
        tiny("Decline", contact.name, () => act("contact", { user: contact.user, action: "decline" })))),
      list("Contacts", contacts, contactEntry),
      list("Asked", of("requested"), (contact) => entry(contact, "has not answered yet",
        tiny("Withdraw", contact.name, () => act("contact", { user: contact.user, action: "remove" })))),
      list("Blocked", all.filter(({ blocked }) => blocked), (contact) => entry(contact, "",
        tiny("Unblock", contact.name, () => act("block", { user: contact.user, blocked: false })))),
    ].filter(Boolean);
    lists.replaceChildren(...(shown.length > 0 ? shown : [make("p", { class: "hint" }, "No contacts yet. Contacts see when you are online, if you let them, and you see them at a glance.")]));
    return contacts;
  };

  const contacts = render();
  presence.showAlso(contacts.slice(0, 64).map(({ user }) => user));
  const ticking = setInterval(() => render(false), 1_000);
}

/** Asks somebody by their exact name. */
function addForm(app, onAsked) {
  const trouble = complaint();
  const input = make("input", { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: "32", placeholder: "Add by exact name", "aria-label": "Add by exact name" });
  const add = make("button", { class: "primary" }, "Add");
  const row = make("div", { class: "inline-form" }, make("label", { class: "search" }, icon("person-add"), input), add);
  const form = make("form", { novalidate: "" }, row, trouble.element);
  form.onsubmit = async (event) => {
    event.preventDefault();
    const name = input.value.trim();
    const wrong = complaintAboutSought(name);
    if (wrong) return trouble.show(wrong);
    let user;
    if (!(await attempt(add, trouble, "find", async () => ({ user } = await app.connection.request("find", { name }))))) return;
    if (user === app.store.me.user) return trouble.show("That is you.");
    const isAsked = await attempt(add, trouble, "contact", async () =>
      app.store.setContact(await app.connection.request("contact", { user, action: "request" })));
    if (!isAsked) return;
    input.value = "";
    toast(app.store.contact(user).state === "contact" ? `${name} is your contact now.` : "Request sent.");
    onAsked();
  };
  return form;
}
