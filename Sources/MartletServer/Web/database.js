// What this browser keeps: messages on their way, drafts, and what was last known. IndexedDB, or memory where there is
// none (some private windows): then only a reload loses it.

const rooms = ["outbox", "drafts", "keep"];
const memory = new Map(rooms.map((room) => [room, new Map()]));

const opened = new Promise((resolve) => {
  try {
    const request = indexedDB.open("martlet", 1);
    request.onupgradeneeded = () => rooms.forEach((room) => request.result.createObjectStore(room));
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = request.onblocked = () => resolve(null);
  } catch {
    resolve(null);
  }
});

/** Runs `work(store)`; resolves to its request's result once all of it is on its way to the disk. */
async function run(room, mode, work) {
  const base = await opened;
  return new Promise((resolve, reject) => {
    const change = base.transaction(room, mode);
    const request = work(change.objectStore(room));
    change.oncomplete = () => resolve(request?.result);
    change.onerror = change.onabort = () => reject(change.error ?? new Error("not kept"));
    // Without waiting for the page to come back to its event loop: a reload may be next.
    change.commit?.();
  });
}

async function orMemory(run, fallback) {
  if (!(await opened)) return fallback();
  try {
    return await run();
  } catch {
    return fallback();  // a full or broken disk
  }
}

export const database = {
  get: (room, key) =>
    orMemory(() => run(room, "readonly", (store) => store.get(key)), () => memory.get(room).get(key)),

  /** `key` is a string; `value` is copied. */
  put: (room, key, value) =>
    orMemory(() => run(room, "readwrite", (store) => store.put(value, key)), () => void memory.get(room).set(key, value)),

  remove: (room, key) =>
    orMemory(() => run(room, "readwrite", (store) => store.delete(key)), () => void memory.get(room).delete(key)),

  /** All values whose key begins with `prefix`. */
  all: (room, prefix) =>
    orMemory(
      () => run(room, "readonly", (store) => store.getAll(range(prefix))),
      () => [...memory.get(room)].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value),
    ),

  removeAll: (room, prefix) =>
    orMemory(
      () => run(room, "readwrite", (store) => store.delete(range(prefix))),
      () => [...memory.get(room).keys()].filter((key) => key.startsWith(prefix)).forEach((key) => memory.get(room).delete(key)),
    ),

  /** Puts `[key, value]` pairs in one go: all or none. False when they are not on the disk. */
  async putAll(room, pairs) {
    if (!(await opened)) return false;
    try {
      await run(room, "readwrite", (store) => pairs.map(([key, value]) => store.put(value, key)).at(-1));
      return true;
    } catch {
      return false;
    }
  },
};

const range = (prefix) => IDBKeyRange.bound(prefix, `${prefix}\uffff`);
