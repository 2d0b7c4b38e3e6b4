// Finds a conversation, or begins one: what is typed filters the list and the contacts, and can be looked for as an exact name.

import { openSheet } from "./dialog.js";
import { avatar, bdi, icon, make, showText, toast } from "./dom.js";
import { accept, linkIn } from "./invitation.js";
import { complaintAboutSought, describe } from "./words.js";

const mostShown = 40;

export function show(app) {
  const { store, presence } = app;
  const sheet = openSheet("Find or start a chat", { onClose: () => presence.showAlso([]) });
  const input = make("input", {
    type: "text", role: "combobox", autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: "300",
    placeholder: "Search, or an exact name", "aria-label": "Search, or an exact name", "aria-expanded": "true", "aria-controls": "start-list", "aria-autocomplete": "list",
  });
  const trouble = make("p", { class: "error", role: "alert", hidden: "" });
  const results = make("div", { class: "entries", id: "start-list", role: "listbox", "aria-label": "Results" });
  const form = make("form", { novalidate: "" }, make("label", { class: "search" }, icon("search"), input), trouble);
  sheet.body.append(form, results);
  input.focus();

  let entries = [];
  let at = 0;

  const choose = (id) => {
    sheet.close();
    app.open(id);
  };

  const select = (index) => {
    at = Math.max(0, Math.min(index, entries.length - 1));
    entries.forEach(({ element }, position) => element.setAttribute("aria-selected", position === at));
    const element = entries[at]?.element;
    if (element) input.setAttribute("aria-activedescendant", element.id);
    else input.removeAttribute("aria-activedescendant");
    element?.scrollIntoView({ block: "nearest" });
  };

  const add = (words, action) => {
    const element = make("button", { type: "button", class: "entry", role: "option", tabindex: "-1", id: `start-${entries.length}`, click: action }, ...words);
    entries.push({ element, action });
  };

  const find = async (name) => {
    const complaint = complaintAboutSought(name);
    if (complaint) return showText(trouble, complaint);
    try {
      const found = await app.connection.request("find", { name });
      store.learnName(found.user, found.name);
      store.conversation(found.user).name = found.name;
      choose(found.user);
    } catch (error) {
      showText(trouble, describe(error, "find"));
    }
  };

  const render = () => {
    const sought = input.value.trim();
    showText(trouble, "");
    entries = [];
    const link = linkIn(sought);
    if (link) {
      add([icon("link", "line-icon"), words("Open the invitation")], () => {
        sheet.close();
        accept(app, link);
      });
    }
    if (!sought) {
      add([icon("people-icon", "line-icon"), words("New group")], () => {
        sheet.close();
        app.show("groupview");
      });
    }
    const known = candidates(store, sought.toLowerCase());
    for (const { id, name, isGroup, note } of known.slice(0, mostShown)) {
      add([avatar(id, name, { isOnline: presence.isOnline(id), isGroup }), words(bdi(name), note)], () => choose(id));
    }
    const isExact = known.some(({ plain }) => plain === sought.toLowerCase());
    if (sought && !link && !isExact) add([icon("search", "line-icon"), words(make("span", {}, "Find ", make("b", {}, bdi(sought))), "The name must be exact")], () => find(sought));
    results.replaceChildren(...entries.map(({ element }) => element));
    select(sought ? 0 : 1);
  };

  input.oninput = render;
  input.onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    select(at + step);
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    entries[at]?.action();
  };
  render();
  presence.showAlso(candidates(store, "").filter(({ isGroup }) => !isGroup).slice(0, 20).map(({ id }) => id));
  if (!app.connection.wire) toast("Without a connection only known conversations are found.");
}

const words = (name, note) => make("span", { class: "entry-words" }, make("span", {}, name), note && make("small", {}, note));

/** Conversations and contacts whose name has `sought` in it; those that begin with it first. */
function candidates(store, sought) {
  const found = store.inOrder().map((conversation) => ({
    id: conversation.id, name: store.titleOf(conversation), plain: conversation.name.toLowerCase(), isGroup: conversation.isGroup,
    note: conversation.isGroup && conversation.group ? `${conversation.group.members.toLocaleString()} members` : "",
  }));
  const here = new Set(found.map(({ id }) => id));
  for (const { user, name, state } of store.contacts.values()) {
    if (!here.has(user) && state === "contact") found.push({ id: user, name, plain: name.toLowerCase(), isGroup: false, note: "Contact" });
  }
  const fits = found.filter(({ plain }) => plain.includes(sought));
  return sought ? fits.sort((a, b) => b.plain.startsWith(sought) - a.plain.startsWith(sought)) : fits;
}
