// Settings of the account and of this device.

import { attempt, choice, complaint, field, lineButton, openSheet, section, toggle, ask } from "./dialog.js";
import { avatar, bdi, button, icon, make, toast } from "./dom.js";
import { dateAndTime, lastSeen } from "./format.js";
import { complaintAboutPassword, describe } from "./words.js";

const themeKey = "martlet.theme";

export async function show(app) {
  const { store, connection } = app;
  const push = await app.notices.needPush();
  const sheet = openSheet("Settings");
  const { name, user } = store.me;
  sheet.body.append(
    make("div", { class: "profile" }, avatar(user, name, {}, "large"), make("b", {}, bdi(name)), make("small", {}, "Friends find you by exactly this name")),
    section("Appearance", choice("Colours", { system: "System", light: "Light", dark: "Dark" }, localStorage.getItem(themeKey) ?? "system", (theme) => {
      if (theme === "system") localStorage.removeItem(themeKey);
      else localStorage.setItem(themeKey, theme);
      window.dispatchEvent(new Event("martlet-theme"));
    })),
    privacy(app),
    notifications(push),
    section("Account",
      lineButton("device", "Devices", () => showDevices(app)),
      lineButton("key", "Change the password", () => changePassword(app)),
      lineButton("keyboard", "Keyboard shortcuts", () => app.show("shortcutsview")),
      lineButton("leave", "Log out", () => app.logOut(), { isDanger: true })),
    make("p", { class: "hint" }, [connection.hello.build, connection.wire?.isPolling && "long polling"].filter(Boolean).join(" · ")));
}

/** A change that the server keeps; it fails, with a word, when the server does not take it. */
async function keep(app, change) {
  try {
    app.store.settings = { ...app.store.settings, ...(await app.connection.request("settings", change)) };
  } catch (error) {
    toast(describe(error, "settings"));
    throw error;
  }
}

function privacy(app) {
  const { receipts = true, presence = "contacts", messagesFrom = "everyone" } = app.store.settings;
  return section("Privacy",
    toggle("Read receipts", "Without them nobody learns what you have received and read", receipts, (isOn) => keep(app, { receipts: isOn })),
    choice("Who sees when you are online", { everyone: "Everyone", contacts: "Contacts", nobody: "Nobody" }, presence, (value) => keep(app, { presence: value })),
    choice("Who may write to you", { everyone: "Everyone", contacts: "Contacts" }, messagesFrom, (value) => keep(app, { messagesFrom: value })),
    lineButton("people-icon", "Contacts and blocked people", () => app.show("peopleview")));
}

function notifications(push) {
  const note = make("p", { class: "hint" });
  const say = () => {
    if (!push.isPossible) note.textContent = "This browser has no notifications, or the page came without a certificate.";
    else if (push.isDenied) note.textContent = "The browser blocks notifications of this page: allow them in its settings.";
    else if (push.isOn) note.textContent = push.isPushing ? "They also come while this page is closed." : "They come while this page is open.";
    else note.textContent = "";
    note.hidden = !note.textContent;
  };
  const choose = async (change) => {
    const isOn = await push.choose({ ...push.choice, ...change });
    say();
    return isOn;
  };
  say();
  return section("Notifications",
    toggle("On this device", "When a message comes and you are not looking", push.isOn, (on) => choose({ on })),
    toggle("With the text", "Else a notification only says that there is a message", push.choice.text, async (text) => {
      await choose({ text });
      return text;
    }),
    note);
}

async function showDevices(app) {
  const sheet = openSheet("Devices");
  const list = make("ul", { class: "entries" });
  const trouble = complaint();
  sheet.body.append(make("p", { class: "hint" }, "Where you are logged in. What you log out here needs the password again."), trouble.element, list);
  const render = async () => {
    try {
      const { devices } = await app.connection.request("devices", {});
      devices.sort((a, b) => b.current - a.current || b.lastSeenAt - a.lastSeenAt);
      list.replaceChildren(...devices.map((device) => entry(device)));
    } catch (error) {
      trouble.from(error, "devices");
    }
  };
  const entry = ({ device, label, createdAt, lastSeenAt, current, push }) => {
    const title = label || "Unnamed device";
    // Two of the same kind are told apart by when they came.
    const notes = [current ? "this device" : lastSeen(lastSeenAt), `logged in ${dateAndTime(createdAt)}`, push && "gets notifications"].filter(Boolean).join(" · ");
    const end = button("Log out", async () => {
      if (current) return app.logOut();
      if (!(await ask(`Log out “${title}”?`, "It needs the password again.", { out: { label: "Log out", isDanger: true } }))) return;
      if (await attempt(end, trouble, "revoke", () => app.connection.request("revoke", { device }))) render();
    }, "secondary tiny");
    end.setAttribute("aria-label", `Log out ${title}`);
    return make("li", { class: "entry" }, icon("device", "line-icon"),
      make("span", { class: "entry-words" }, make("b", {}, bdi(title)), make("small", {}, notes)), end);
  };
  render();
}

function changePassword(app) {
  const sheet = openSheet("Change the password", { className: "small" });
  const old = field("Old password", { type: "password", autocomplete: "current-password" });
  const fresh = field("New password", { type: "password", autocomplete: "new-password" });
  // Password managers want to know whose it is.
  const name = make("input", { type: "text", name: "username", autocomplete: "username", hidden: "" });
  name.value = app.store.me.name;
  const trouble = complaint();
  const submit = make("button", { class: "primary" }, "Change");
  const form = make("form", { novalidate: "" }, name, old.element, fresh.element, make("p", { class: "hint" }, "All your other devices are logged out."),
    trouble.element, make("div", { class: "actions" }, button("Cancel", sheet.close), submit));
  form.onsubmit = async (event) => {
    event.preventDefault();
    const wrong = complaintAboutPassword(fresh.input.value);
    if (wrong) return trouble.show(wrong);
    const isDone = await attempt(submit, trouble, "password", () => app.connection.request("password", { old: old.input.value, new: fresh.input.value }));
    if (!isDone) return;
    sheet.close();
    toast("The password is changed.");
  };
  sheet.body.append(form);
  old.input.focus();
}
