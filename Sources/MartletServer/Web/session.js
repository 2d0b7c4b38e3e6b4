// Who is logged in on this device.

import { database } from "./database.js";

const key = "martlet.session";

export const session = {
  key,

  /** { user, name, token }, or null. */
  get saved() {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  },

  save({ user, name, token, device }) {
    const kept = { user, name, token, device };
    localStorage.setItem(key, JSON.stringify(kept));
    database.put("keep", "session", kept);  // the service worker cannot read localStorage
    return kept;
  },

  drop() {
    localStorage.removeItem(key);
    database.remove("keep", "session");
  },
};

/** What the list of devices will call this one: "Firefox on Linux". */
export function deviceLabel() {
  const agent = navigator.userAgent;
  const find = (pairs) => pairs.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = find([
    [/Edg\//, "Edge"], [/OPR\//, "Opera"], [/SamsungBrowser/, "Samsung Internet"], [/Firefox\/|FxiOS/, "Firefox"],
    [/Chrome\/|CriOS/, "Chrome"], [/Safari\//, "Safari"],
  ]);
  const system = find([
    [/iPhone/, "iPhone"], [/iPad/, "iPad"], [/Android/, "Android"], [/CrOS/, "ChromeOS"], [/Windows/, "Windows"],
    [/Mac OS X/, "Mac"], [/Linux/, "Linux"],
  ]);
  return [browser ?? "Browser", system && `on ${system}`].filter(Boolean).join(" ");
}
