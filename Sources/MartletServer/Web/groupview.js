// A new group, or more members for one.

import { attempt, complaint, field, openSheet } from "./dialog.js";
import { button, make } from "./dom.js";
import { byteCount, cleanText } from "./format.js";
import { randomID } from "./outbox.js";
import { makePicker } from "./picker.js";
import { plural } from "./words.js";

const mostNameBytes = 100;

export const complaintAboutGroupName = (name) => {
  if (!name) return "Please give the group a name.";
  return byteCount(name) > mostNameBytes ? "This name is too long." : null;
};

/** `conversation`: a group that gets more members; without one a new group is made. */
export function show(app, conversation) {
  if (conversation) addMembers(app, conversation);
  else create(app);
}

function create(app) {
  const sheet = openSheet("New group");
  const name = field("Name", { maxlength: "100", placeholder: "for instance: Sunday kitchen", dir: "auto" });
  const trouble = complaint();
  let members = [];
  const submit = make("button", { class: "primary" }, "Create group");
  const picker = makePicker(app, { onChange: (users) => {
    members = users;
    trouble.show("");
    submit.textContent = users.length > 0 ? `Create group with ${plural(users.length, "member", "members")}` : "Create group";
  } });
  name.input.oninput = () => trouble.show("");
  // One id for all tries: a repeat makes no second group.
  const clientMessageID = randomID();
  const form = make("form", { novalidate: "" }, name.element, picker.element, trouble.element, submit);
  form.onsubmit = async (event) => {
    event.preventDefault();
    const title = cleanText(name.input.value).replace(/\s+/g, " ");
    const wrong = complaintAboutGroupName(title) ?? picker.complaint();
    if (wrong) return trouble.show(wrong);
    await attempt(submit, trouble, "create", async () => {
      const { conversation } = await app.connection.request("create", { name: title, members, clientMessageID });
      app.store.conversation(conversation).name = title;
      sheet.close();
      app.open(conversation);
    });
  };
  sheet.body.append(form);
  name.input.focus();
}

function addMembers(app, conversation) {
  const sheet = openSheet("Add members");
  const trouble = complaint();
  let users = [];
  const add = button("Add", async () => {
    const wrong = picker.complaint();
    if (wrong) return trouble.show(wrong);
    if (await attempt(add, trouble, "add", () => app.connection.request("add", { conversation: conversation.id, users }))) sheet.close();
  }, "primary");
  add.disabled = true;
  const picker = makePicker(app, {
    isTaken: (user) => Boolean(conversation.members?.has(user)),
    onChange: (chosen) => {
      users = chosen;
      trouble.show("");
      add.disabled = chosen.length === 0;
      add.textContent = chosen.length > 0 ? `Add ${plural(chosen.length, "person", "people")}` : "Add";
    },
  });
  sheet.body.append(picker.element, trouble.element, add);
  picker.input.focus();
}
