// Puts the pieces together. What travels: wire → connection → inbox → store → views; outbox and receipts go back.

import { Banner } from "./banner.js";
import { canEdit, Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { Directory } from "./directory.js";
import { announce, byID, loadIcons, toast } from "./dom.js";
import { Drafts } from "./drafts.js";
import { History } from "./history.js";
import { Inbox } from "./inbox.js";
import { listenToKeys } from "./keyboard.js";
import { later } from "./later.js";
import { ListView } from "./listview.js";
import { Navigation } from "./navigation.js";
import { Notices } from "./notices.js";
import { Outbox } from "./outbox.js";
import { Presence } from "./presence.js";
import { Receipts } from "./receipts.js";
import { session } from "./session.js";
import { Snapshot } from "./snapshot.js";
import { Store } from "./store.js";
import { ThreadHead } from "./threadhead.js";
import { ThreadView } from "./threadview.js";
import { Typing } from "./typing.js";
import { plural } from "./words.js";

// The model. `app` is what the views and the dialogs share.

const app = { open: (id) => navigation.open(id), logOut, show };
const connection = (app.connection = new Connection({
  onOnline: (wire) => resume(wire),
  onFrame: (frame) => receive(frame),
  onChange: () => {
    banner.render();
    store.changed();
  },
  onLoggedOut: (code) => leave(code === 3504 ? "This account has been disabled or deleted." : "Your session has ended. Please log in again."),
}));
const store = (app.store = new Store({
  onChange: () => {
    snapshot.changed();
    render();
  },
  onNotice: (message) => directory.noticed(message),
}));
const directory = (app.directory = new Directory({ connection, store }));
const presence = (app.presence = new Presence({ connection, store }));
const typing = (app.typing = new Typing({ connection, store }));
const drafts = (app.drafts = new Drafts(() => store.changed()));
const receipts = new Receipts(connection);
const outbox = (app.outbox = new Outbox({
  connection,
  isInView: (id, number) => number <= store.conversation(id).last,
  onChange: () => store.changed(),
  onReceipt: ({ conversation, peer }) => presence.learnFromSend(conversation, peer),
}));
const inbox = new Inbox({
  connection, store,
  onApplied: (event) => applied(event),
  onReset: () => {
    receipts.forget();
    directory.forget();
    outbox.distrustReceipts();
    restoreUnsent();
  },
});
const history = (app.history = new History({
  connection, store,
  onMessages: (messages) => messages.forEach((message) => outbox.settle(message)),
}));
const snapshot = new Snapshot({ store, inbox, receipts });
const notices = (app.notices = new Notices(app));
const navigation = new Navigation((id) => route(id));

// The views

const banner = new Banner(connection);
const list = (app.list = new ListView(app, {
  onNew: () => show("startview"),
  onPeople: () => show("peopleview"),
  onSettings: () => show("settingsview"),
  onVisible: (ids) => presence.see(ids),
}));
const head = new ThreadHead(app, { onDetails: () => show("detailsview", store.conversation(thread.openID)) });
const thread = (app.thread = new ThreadView(app, {
  onRead: (id, upTo) => {
    store.markRead(id, upTo);
    receipts.read.want(id, upTo);
    notices.read(id);
  },
  onMenu: (...where) => show("actions", store.conversation(thread.openID), ...where),
}));
const composer = (app.composer = new Composer(app, {
  onSend: (conversation, text, replyTo) => {
    outbox.add(conversation, text, replyTo);
    store.touch(conversation, Date.now() * 1_000);
    thread.jump();
  },
  onUp: () => {
    const entry = thread.lastOwn;
    if (!entry || !canEdit(app, entry)) return false;
    composer.edit(entry);
    return true;
  },
}));

/** Dialogs and menus. */
async function show(name, ...details) {
  try {
    (await later(name, "dialog.css")).show(app, ...details);
  } catch (error) {
    if (error instanceof TypeError) toast("This needs a connection to the server, once.");
    throw error;
  }
}

// Sessions

async function askToLogIn(notice) {
  try {
    const { LoginView } = await later("loginview", "login.css");
    if (store.me) return;
    new LoginView((wire, answer) => {
      const me = session.save(answer);
      enter(me);
      connection.adopt(wire, me);
    }).show(notice, navigation.isInvited);
  } catch {
    setTimeout(() => askToLogIn(notice), 2_000);  // no connection yet
  }
}

function enter(me) {
  byID("login").hidden = true;
  byID("app").hidden = false;
  store.me = { user: me.user, name: me.name };
  store.learnName(me.user, me.name);
  outbox.load(me.user).then(() => {
    restoreUnsent();
    outbox.flush();
  });
  drafts.load(me.user).then(() => composer.draftsLoaded());
  navigation.route();
}

function leave(notice) {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  snapshot.discard();
  session.drop();
  thread.open(null);
  composer.open(null);
  byID("app").classList.remove("in-thread");
  for (const part of [navigation, notices, list, head, outbox, drafts, store, inbox, receipts, directory, presence, typing, history]) part.forget();
  announce("");
  toast("");
  byID("app").hidden = true;
  askToLogIn(notice);
}

async function logOut() {
  if (outbox.unsent > 0) {
    const { ask } = await later("dialog", "dialog.css");
    const question = `${plural(outbox.unsent, "message has", "messages have")} not been sent yet and would be lost.`;
    if (!(await ask("Log out anyway?", question, { go: { label: "Log out", isDanger: true } }))) return;
  }
  outbox.discardAll();
  drafts.discardAll();
  const goodbye = connection.request("logout", {}).catch(() => {});
  await Promise.race([goodbye, new Promise((resolve) => setTimeout(resolve, 2_000))]);
  connection.stop();
  leave();
}

async function resume(wire) {
  inbox.reconnected();
  if (!(await inbox.resume())) return;
  connection.settled(wire);
  const unheard = [...store.conversations.values()].filter(({ unread }) => unread > 0);
  for (const { id, last } of unheard) receipts.delivered.want(id, last);
  receipts.resume();
  outbox.resume();
  directory.loadContacts();
  presence.start();
  notices.resume();
  if (thread.openID) open(store.conversation(thread.openID));
  acceptInvitation();
}

/** Conversations in which something waits to be sent show in the list, known to the server or not. */
function restoreUnsent() {
  for (const item of outbox.all) {
    const conversation = store.conversation(item.conversation);
    conversation.name ||= item.name ?? "";
    store.touch(conversation, item.createdAt * 1_000);
  }
}

async function acceptInvitation() {
  if (!navigation.isInvited || !store.me || !connection.wire) return;
  const { accept, linkIn } = await later("invitation", "dialog.css");
  accept(app, linkIn(navigation.takeInvitation() ?? ""));
}

// What comes in

function receive(frame) {
  if (frame.event) inbox.receive(frame.event);
  else if (frame.typing) typing.heard(frame.typing);
  else if (frame.presence) presence.learn(frame.presence);
  else if (frame.receipt) store.applyReceipt(frame.receipt);
}

function applied({ message, read, contact }) {
  if (read?.by === "own") notices.read(read.conversation);
  if (contact?.state === "contact") presence.pull([contact.user]);
  if (!message) return;
  outbox.settle(message);
  typing.stopped(message.conversation, message.sender);
  if (store.isMine(message)) return;
  receipts.delivered.want(message.conversation, message.number);
  notices.tell(message);
}

// What is shown

function route(id) {
  acceptInvitation();
  if (!store.me) return;
  const before = thread.openID;
  byID("app").classList.toggle("in-thread", Boolean(id));
  if (id !== before) {
    thread.open(id);
    composer.open(id && store.conversation(id));
    open(id && store.conversation(id));
  }
  render();
  if (before && !id) list.focus();
}

/** A chat is opened, or open at a new start. */
function open(conversation) {
  if (conversation) conversation.areMembersStale = true;
  presence.open(conversation);
}

function render() {
  const unread = store.me ? store.unread : 0;
  notices.showUnread(unread);
  if (!store.me) return;
  for (const conversation of store.conversations.values()) {
    if (conversation.activity > 0 && (!conversation.name || (conversation.isGroup && !conversation.group))) directory.learn(conversation);
  }
  // An address of a conversation that does not exist leads to the list.
  const shown = thread.openID && store.conversation(thread.openID);
  if (shown && store.isLoaded && !shown.name && shown.activity === 0) {
    if (!shown.isGroup || shown.isMissing) return navigation.open(null);
    directory.learn(shown);
  }
  if (shown) {
    head.render(shown, shown.isMuted ? unread : unread - shown.unread);
    composer.render(shown);
  }
  thread.render();
  list.render(thread.openID);
}

// The world around

window.addEventListener("storage", ({ key }) => {
  // Another tab has logged in as somebody else.
  if (key === session.key && store.me && session.saved && session.saved.user !== store.me.user) location.reload();
});
navigator.serviceWorker?.register("sw.js").catch(() => {});
navigator.serviceWorker?.addEventListener("message", ({ data }) => data?.open && navigation.open(data.open));
listenToKeys({
  isReady: () => Boolean(store.me),
  isInThread: () => Boolean(thread.openID),
  search: () => show("startview"),
  shortcuts: () => show("shortcutsview"),
  neighbour: (step, which) => {
    const id = list.neighbour(step, which);
    if (id) navigation.open(id);
  },
  escape: () => composer.cancel() || thread.jump(),
  oldestUnread: () => thread.goToFresh(),
  page: (step) => thread.scroller.page(step),
  latest: () => thread.jump(),
  write: () => composer.focus(),
});

loadIcons();
const saved = session.saved;
if (saved?.token) {
  session.save(saved);
  enter(saved);
  snapshot.restore().finally(() => connection.start(saved));
} else {
  navigation.route();
  askToLogIn();
}
