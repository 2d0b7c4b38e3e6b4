// Notifications. The service worker shows what the server pushes; while there is no push, the page itself tells of new
// messages that nobody is looking at.

import { database } from "./database.js";

const choiceKey = "martlet.notify";  // { on, text }

export class Push {
  #registration = null;
  #isSubscribed = false;

  constructor(app) {
    this.app = app;
    navigator.serviceWorker?.ready.then((registration) => (this.#registration = registration));
  }

  /** { on, text } */
  get choice() {
    return JSON.parse(localStorage.getItem(choiceKey) ?? "null") ?? { on: false, text: true };
  }

  get isPossible() {
    return "Notification" in window;
  }

  get isDenied() {
    return this.isPossible && Notification.permission === "denied";
  }

  get isOn() {
    return this.choice.on && this.isPossible && Notification.permission === "granted";
  }

  /** Whether messages also come while no page is open. */
  get isPushing() {
    return this.isOn && this.#isSubscribed;
  }

  /** Turns notifications on or off; `text` is whether pushes carry the text. Resolves to whether they are on. */
  async choose({ on, text }) {
    if (on && this.isPossible && Notification.permission === "default") await Notification.requestPermission();
    localStorage.setItem(choiceKey, JSON.stringify({ on: on && !this.isDenied, text }));
    if (this.isOn) await this.subscribe();
    else await this.unsubscribe();
    return this.isOn;
  }

  /** At each start: tells the server where this device can be reached. */
  async subscribe() {
    const { push } = this.app.connection.hello;
    if (!this.isOn || !push?.web || !push.vapid || !("PushManager" in window)) return;
    try {
      const registration = await navigator.serviceWorker.ready;
      const options = { userVisibleOnly: true, applicationServerKey: push.vapid };
      const subscription = await registration.pushManager.subscribe(options).catch(async () => {
        // Made with another key of the server.
        await (await registration.pushManager.getSubscription())?.unsubscribe();
        return registration.pushManager.subscribe(options);
      });
      const { endpoint, keys: { p256dh, auth } } = subscription.toJSON();
      await this.app.connection.request("subscribe", { kind: "web", endpoint, p256dh, auth, text: this.choice.text });
      await database.put("keep", "push", { vapid: push.vapid, text: this.choice.text });
      this.#isSubscribed = true;
    } catch {
      this.#isSubscribed = false;  // no push service: the page itself tells, as long as it is open
    }
  }

  async unsubscribe() {
    this.#isSubscribed = false;
    database.remove("keep", "push");
    await this.app.connection.request("unsubscribe", {}).catch(() => {});
    const subscription = await this.#registration?.pushManager?.getSubscription().catch(() => null);
    await subscription?.unsubscribe().catch(() => {});
  }

  /** A message that nobody is looking at. */
  async tell(conversation, title, text) {
    if (!this.isOn || this.#isSubscribed) return;
    const options = { body: text, tag: conversation, icon: "icon-192.png", badge: "badge.png", data: { conversation } };
    if (this.#registration?.active) return this.#registration.showNotification(title, options).catch(() => {});
    const notification = new Notification(title, options);
    notification.onclick = () => {
      window.focus();
      this.app.open(conversation);
      notification.close();
    };
  }

  /** What has been read needs no notification any more. */
  async read(conversation) {
    if (!this.#registration?.getNotifications) return;
    for (const notification of await this.#registration.getNotifications({ tag: conversation })) notification.close();
  }

  /** After a log out nobody is told anything on this device. */
  async forget() {
    this.#isSubscribed = false;
    database.remove("keep", "push");
    for (const notification of (await this.#registration?.getNotifications?.()) ?? []) notification.close();
    const subscription = await this.#registration?.pushManager?.getSubscription().catch(() => null);
    await subscription?.unsubscribe().catch(() => {});
  }
}
