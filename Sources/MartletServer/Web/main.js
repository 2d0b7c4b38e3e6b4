// Puts the pieces together. What travels: wire → connection → inbox → store → views; outbox and receipts go back.

import { Banner } from "./banner.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { byID, loadIcons } from "./dom.js";
import { History } from "./history.js";
import { Inbox } from "./inbox.js";
import { ListView } from "./listview.js";
import { LoginView } from "./loginview.js";
import { Outbox } from "./outbox.js";
import { Receipts } from "./receipts.js";
import { StartView } from "./startview.js";
import { Store } from "./store.js";
import { ThreadView } from "./threadview.js";

const sessionKey = "martlet.session";
const sessionEnded = "Your session has ended. Please log in again.";

loadIcons();

// The model

const connection = new Connection({
  onOnline: (wire) => resume(wire),
  onEvent: (event) => inbox.receive(event),
  onChange: () => banner.render(),
  onLoggedOut: () => leave(sessionEnded),
});
const store = new Store(() => render());
const receipts = new Receipts(connection);
const outbox = new Outbox({
  connection,
  isInView: (id, number) => number <= store.conversation(id).last,
  onChange: () => store.changed(),
});
const inbox = new Inbox({
  connection, store,
  onApplied: (event) => applied(event),
  onReset: () => {
    receipts.forget();
    outbox.distrustReceipts();
    restoreUnsent();
  },
});
const history = new History({
  connection, store,
  onMessages: (messages) => messages.forEach((message) => outbox.settle(message)),
});

// The views

const banner = new Banner(connection);
const login = new LoginView((wire, { user, name, token }) => {
  localStorage.setItem(sessionKey, JSON.stringify({ user, name, token }));
  enter({ user, name });
  connection.adopt(wire, token);
});
const start = new StartView({
  connection,
  onFound: ({ user, name }) => {
    store.conversation(user).name = name;
    open(user);
  },
});
const list = new ListView({
  store, outbox, onOpen: open, onNew: () => start.show(), onLogOut: () => logOut(),
});
const thread = new ThreadView({
  store, outbox, history, onBack: () => open(null),
  onRead: (id, upTo) => {
    store.markRead(id, upTo);
    receipts.read.want(id, upTo);
  },
});
const composer = new Composer((conversation, text) => {
  outbox.add(conversation, text);
  store.touch(conversation, Date.now() * 1_000);
  thread.jump();
});

// Sessions

const savedSession = () => JSON.parse(localStorage.getItem(sessionKey) ?? "null");

function enter(me) {
  login.hide();
  byID("app").hidden = false;
  store.me = me;
  outbox.load(me.user);
  restoreUnsent();
  route();
}

function leave(notice) {
  localStorage.removeItem(sessionKey);
  if (location.hash) window.history.replaceState(null, "", location.pathname);
  thread.open(null);
  composer.open(null);
  list.forget();
  start.forget();
  outbox.forget();
  byID("announce").textContent = "";
  store.me = null;
  store.conversations.clear();
  store.reset();
  inbox.forget();
  receipts.forget();
  byID("app").hidden = true;
  login.show(notice);
}

async function logOut() {
  const { unsent } = outbox;
  const question = `${unsent === 1 ? "One message has" : `${unsent} messages have`} not been sent yet and would be lost. Log out anyway?`;
  if (unsent > 0 && !confirm(question)) return;
  const { user } = store.me;
  outbox.discardAll();
  for (const key of Object.keys(localStorage)) if (key.startsWith(`martlet.draft.${user}.`)) localStorage.removeItem(key);
  const goodbye = connection.request("logout", {}).catch(() => {});
  await Promise.race([goodbye, new Promise((resolve) => setTimeout(resolve, 2_000))]);
  connection.stop();
  leave();
}

async function resume(wire) {
  composer.limit = wire.limits.textBytes ?? composer.limit;
  inbox.reconnected();
  if (!(await inbox.resume())) return;
  connection.settled(wire);
  const unheard = [...store.conversations.values()].filter(({ unread }) => unread > 0);
  for (const { id, last } of unheard) receipts.delivered.want(id, last);
  receipts.resume();
  outbox.resume();
  render();
}

/** Conversations in which something waits to be sent show in the list, known to the server or not. */
function restoreUnsent() {
  for (const item of outbox.all) {
    const conversation = store.conversation(item.conversation);
    conversation.name ||= item.name ?? "";
    store.touch(conversation, item.createdAt * 1_000);
  }
}

function applied({ message }) {
  if (!message) return;
  outbox.settle(message);
  if (store.isMine(message)) return;
  receipts.delivered.want(message.conversation, message.number);
  const { id, name } = store.conversation(message.conversation);
  if (name && id === thread.openID) byID("announce").textContent = `${name}: ${message.text.slice(0, 300)}`;
}

// What is shown

function open(id) {
  const target = id ? `#${id}` : "";
  if (location.hash === target) return;
  if (id) location.hash = target;
  else {
    window.history.pushState(null, "", location.pathname);
    route();
  }
}

/** The address decides which conversation is open, so that the back button of a phone works. */
function route() {
  if (!store.me) return;
  const id = /^#([0-9a-f]{16})$/.exec(location.hash)?.[1] ?? null;
  byID("app").classList.toggle("in-thread", Boolean(id));
  if (id !== thread.openID) {
    thread.open(id);
    composer.open(id && store.conversation(id), store.me.user);
  }
  render();
}

function render() {
  if (!store.me) {
    document.title = "Martlet";
    return;
  }
  for (const { id, name, activity } of store.conversations.values()) if (!name && activity > 0) history.learnName(id);
  // An address of a conversation that does not exist leads to the list.
  const opened = thread.openID && store.conversation(thread.openID);
  if (opened && store.isLoaded && !opened.name && opened.activity === 0) return open(null);
  thread.render();
  if (opened) composer.render(opened);
  list.render(thread.openID);
  document.title = store.unread > 0 ? `(${store.unread}) Martlet` : "Martlet";
}

window.addEventListener("hashchange", route);
window.addEventListener("popstate", route);
window.addEventListener("storage", ({ key }) => {
  // Another tab has logged in as somebody else.
  if (key === sessionKey && store.me && savedSession() && savedSession().user !== store.me.user) location.reload();
});
document.addEventListener("keydown", (event) => {
  if (!store.me) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.altKey && step) {
    event.preventDefault();
    const id = list.neighbour(step);
    if (id) open(id);
  } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (!byID("start").open) start.show();
  } else if (event.key === "Escape" && thread.openID && !byID("start").open) {
    thread.jump();
  }
});

const session = savedSession();
if (session?.token) {
  enter({ user: session.user, name: session.name });
  connection.start(session.token);
} else {
  login.show();
}
