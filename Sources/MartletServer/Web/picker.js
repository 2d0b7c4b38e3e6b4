// Chooses people: from the contacts and conversations, or by exact name.

import { avatar, bdi, icon, make, showText } from "./dom.js";
import { complaintAboutSought, describe } from "./words.js";

const most = 100;

/**
 * `isTaken(user)`: is in the group already. `onChange(users)` follows each choice. `complaint()`: what stands in the box
 * and was not chosen would be left out in silence.
 */
export function makePicker(app, { isTaken = () => false, onChange }) {
  const { store } = app;
  const chosen = new Map();  // user -> name
  const chips = make("div", { class: "chips" });
  const trouble = make("p", { class: "error", role: "alert", hidden: "" });
  const input = make("input", { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: "32", placeholder: "Search contacts, or an exact name", "aria-label": "Search contacts, or an exact name" });
  const results = make("div", { class: "entries", role: "group", "aria-label": "People" });

  const change = (user, name) => {
    if (chosen.has(user)) chosen.delete(user);
    else if (chosen.size < most) chosen.set(user, name);
    else return showText(trouble, `${most} people at most in one go.`);
    input.value = "";
    render();
    onChange([...chosen.keys()]);
  };

  const known = () => {
    const people = new Map();
    for (const { user, name, state } of store.contacts.values()) if (state === "contact") people.set(user, name);
    for (const { id, name, isGroup } of store.inOrder()) if (!isGroup && name) people.set(id, name);
    people.delete(store.me.user);
    return [...people].filter(([user]) => !isTaken(user)).sort((a, b) => a[1].localeCompare(b[1]));
  };

  const find = async (name) => {
    const wrong = complaintAboutSought(name);
    if (wrong) return showText(trouble, wrong);
    try {
      const found = await app.connection.request("find", { name });
      if (isTaken(found.user) || found.user === store.me.user) return showText(trouble, `${found.name} is a member already.`);
      store.learnName(found.user, found.name);
      if (!chosen.has(found.user)) return change(found.user, found.name);
      input.value = "";
      render();
    } catch (error) {
      showText(trouble, describe(error, "find"));
    }
  };

  const render = () => {
    const sought = input.value.trim().toLowerCase();
    chips.replaceChildren(...[...chosen].map(([user, name]) =>
      make("button", { type: "button", class: "chip", "aria-label": `Take ${name} off`, click: () => change(user, name) }, bdi(name), icon("close"))));
    const fits = known().filter(([, name]) => name.toLowerCase().includes(sought));
    const entries = fits.slice(0, 60).map(([user, name]) =>
      make("button", { type: "button", class: `entry${chosen.has(user) ? " chosen" : ""}`, "aria-pressed": chosen.has(user), click: () => change(user, name) },
        avatar(user, name, { isOnline: app.presence.isOnline(user) }), make("span", { class: "entry-words" }, bdi(name)), chosen.has(user) && icon("check", "check")));
    if (sought && !fits.some(([, name]) => name.toLowerCase() === sought)) {
      entries.push(make("button", { type: "button", class: "entry", click: () => find(input.value.trim()) },
        icon("search", "line-icon"), make("span", { class: "entry-words" }, make("span", {}, "Find ", make("b", {}, bdi(input.value.trim()))))));
    }
    results.replaceChildren(...entries);
  };

  input.oninput = () => {
    showText(trouble, "");
    render();
  };
  input.onkeydown = (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    if (!input.value.trim()) return;
    results.firstElementChild?.click();
    input.select();
  };
  render();
  return {
    element: make("div", { class: "picker" }, chips, make("label", { class: "search" }, icon("search"), input), trouble, results),
    input,
    complaint: () => (input.value.trim() ? `“${input.value.trim()}” is not chosen yet: choose below, or empty the search.` : null),
  };
}
