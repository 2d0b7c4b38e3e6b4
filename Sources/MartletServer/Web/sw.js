// The service worker: opens the page without a connection, and shows what the server pushes.

const cacheName = "martlet-shell";
const patience = 4_000;
const shell = [
  "./", "actions.js", "badge.png", "banner.js", "base.css", "bubble.js", "composer.js", "connection.js",
  "conversation.js", "database.js", "detailsview.js", "dialog.css", "dialog.js", "directory.js", "dom.js", "drafts.js",
  "format.js", "groupview.js", "history.js", "icon-192.png", "icon.svg", "icons.svg", "inbox.js", "invitation.js",
  "keyboard.js", "later.js", "linkview.js", "list.css", "listview.js", "login.css", "loginview.js", "main.js",
  "manifest.webmanifest", "membersview.js", "menu.js", "message.css", "messagestate.js", "navigation.js", "notices.js",
  "outbox.js", "peopleview.js", "picker.js", "pollwire.js", "presence.js", "push.js", "reach.js", "receipts.js",
  "scroller.js", "servers.js", "session.js", "settingsview.js", "shortcutsview.js", "snapshot.js", "startview.js", "store.js",
  "theme.css", "theme.js", "thread.css", "threadhead.js", "threadview.js", "typing.js", "wire.js", "words.js",
];
const paths = new Set(shell.map((name) => new URL(name, self.registration.scope).pathname));
let isOffline = false;  // the page at hand came from the cache: then all of it does, so that versions never mix

self.addEventListener("install", (event) => event.waitUntil(fill().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function fill() {
  const cache = await caches.open(cacheName);
  await cache.addAll(shell.map((name) => new Request(name, { cache: "no-cache" })));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || !paths.has(url.pathname)) return;
  event.respondWith(request.mode === "navigate" ? navigate(event) : serve(event));
});

async function navigate(event) {
  const held = await (await caches.open(cacheName)).match("./");
  if (!held) return fetch(event.request);
  try {
    const answer = await fetchInTime(event.request);
    isOffline = false;
    event.waitUntil(keep("./", answer.clone()));
    return answer;
  } catch {
    isOffline = true;
    return held;
  }
}

async function serve(event) {
  const cache = await caches.open(cacheName);
  const held = await cache.match(event.request, { ignoreSearch: true });
  if (isOffline && held) return held;
  try {
    const answer = await (held ? fetchInTime(event.request) : fetch(event.request));
    event.waitUntil(keep(event.request, answer.clone()));
    return answer;
  } catch (error) {
    if (held) return held;
    throw error;
  }
}

/** The server's answer, or an error when there is none soon, or none that is of use. */
async function fetchInTime(request) {
  const answer = await fetch(request, { signal: AbortSignal.timeout(patience) });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer;
}

let filling = null;

/** Keeps a file. One that has changed means that the server is a new one: then all are fetched. */
async function keep(request, answer) {
  if (!answer.ok) return;
  const cache = await caches.open(cacheName);
  const held = await cache.match(request, { ignoreSearch: true });
  const isNew = held?.headers.get("ETag") !== answer.headers.get("ETag");
  if (!isNew) return;
  await cache.put(request, answer);
  if (held) await (filling ??= fill().catch(() => {}).finally(() => (filling = null)));
}

// Pushes

const windows = () => self.clients.matchAll({ type: "window", includeUncontrolled: true });

self.addEventListener("push", (event) => event.waitUntil(pushed(event)));

async function pushed(event) {
  let news = {};
  try {
    news = event.data?.json() ?? {};
  } catch {
    // A push without a payload still means a message.
  }
  const { conversation, unread, title, text } = news;
  if (unread > 0) self.navigator.setAppBadge?.(unread).catch(() => {});
  // Who looks at the page sees the message there.
  if ((await windows()).some((client) => client.focused && client.visibilityState === "visible")) return;
  await self.registration.showNotification(title || "Martlet", {
    body: text || (unread > 1 ? `${unread} new messages` : "New message"),
    tag: conversation ?? "martlet", renotify: true, icon: "icon-192.png", badge: "badge.png", data: { conversation },
  });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data?.conversation));
});

async function show(conversation) {
  const [client] = await windows();
  if (!client) return self.clients.openWindow(conversation ? `./#${conversation}` : "./");
  client.postMessage({ open: conversation });
  await client.focus().catch(() => {});
}

self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(subscribeAgain()));

/** The browser has made the old subscription void: the server gets a new one, though no page is open. */
async function subscribeAgain() {
  const [session, push] = await Promise.all([kept("session"), kept("push")]);
  if (!session?.token || !push) return;
  const options = { userVisibleOnly: true, applicationServerKey: push.vapid };
  const { endpoint, keys: { p256dh, auth } } = (await self.registration.pushManager.subscribe(options)).toJSON();
  await fetch("v1/call", {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${session.token}` },
    body: JSON.stringify({ subscribe: { kind: "web", endpoint, p256dh, auth, text: push.text } }),
  });
}

function kept(key) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("martlet", 1);
    request.onupgradeneeded = () => request.transaction.abort();
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const base = request.result;
      const get = base.transaction("keep").objectStore("keep").get(key);
      get.onsuccess = () => resolve(get.result);
      get.onerror = () => reject(get.error);
      base.close();
    };
  });
}
