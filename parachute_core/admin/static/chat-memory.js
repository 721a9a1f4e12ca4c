// What this browser remembers: who the visitor is, and the conversation. Several open tabs share it.

export const IDENTITY = "parachute.chat.identity";
const TRANSCRIPT = "parachute.chat.transcript";
const MOST_ENTRIES = 200;
const MOST_CHARACTERS = 400_000;

// Storage may be full, blocked or filled by somebody else: then the page works without a memory.
function load(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function store(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // see above
  }
}

export function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Identity {
  #known = load(IDENTITY);

  get token() {
    return typeof this.#known?.token === "string" ? this.#known.token : null;
  }

  get userId() {
    return this.#known?.userId ?? null;
  }

  // Whether an owner's link was used here; nobody tells the page of an approval or a revocation.
  get allowed() {
    return this.#known?.allowed === true;
  }

  welcome(frame) {
    const same = frame.user_id === this.userId;
    this.#known = { token: frame.token, userId: frame.user_id, allowed: frame.allowed === true || (same && this.allowed) };
    store(IDENTITY, this.#known);
  }

  // Look again; true when another tab has become somebody else.
  changed() {
    const before = this.token;
    this.#known = load(IDENTITY);
    return this.token !== null && this.token !== before;
  }

  forget() {
    this.#known = null;
    store(IDENTITY, null);
  }
}

// Entries: {id, who: "me" | "bot", text, at (ms), state: "waiting" | "sent" | "taken" | "failed" | "open" | "done"}.
export class Transcript {
  entries = [];
  #timer = null;

  constructor() {
    this.#merge();
    addEventListener("pagehide", () => this.save());
  }

  find(id) {
    return this.entries.find((entry) => entry.id === id);
  }

  put(entry) {
    const known = this.find(entry.id);
    if (known) Object.assign(known, entry);
    else {
      // Almost always the last place; another tab's entry may belong before it.
      let place = this.entries.length;
      while (place > 0 && this.entries[place - 1].at > entry.at) place -= 1;
      this.entries.splice(place, 0, entry);
    }
    this.#trim();
    this.#timer ??= setTimeout(() => this.save(), 500);
    return known ?? entry;
  }

  save() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#merge();
    store(TRANSCRIPT, this.entries);
  }

  forget() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.entries = [];
    store(TRANSCRIPT, null);
  }

  // Another tab may have written since: what it knows and this one does not is kept.
  #merge() {
    const stored = load(TRANSCRIPT);
    if (!Array.isArray(stored)) return;
    const known = new Set(this.entries.map((entry) => entry.id));
    const more = stored.filter((entry) => sound(entry) && !known.has(entry.id));
    if (!more.length) return;
    this.entries = [...this.entries, ...more].sort((one, other) => one.at - other.at);
    this.#trim();
  }

  #trim() {
    let size = this.entries.reduce((sum, entry) => sum + entry.text.length, 0);
    while (this.entries.length > MOST_ENTRIES || (size > MOST_CHARACTERS && this.entries.length > 1)) {
      size -= this.entries.shift().text.length;
    }
  }
}

function sound(entry) {
  return typeof entry?.id === "string" && typeof entry.text === "string" && Number.isFinite(entry.at) && ["me", "bot"].includes(entry.who);
}
