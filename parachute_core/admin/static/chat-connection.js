// The WebSocket: says hello, reconnects by itself, and gives every frame to whoever made it.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 20_000;
const WELCOME_WITHIN = 10_000;
const STABLE = 5_000; // so long a connection must have lasted for the next wait to be short again
const TURNED_AWAY_WAIT = 5_000; // at least, after the server said that it cannot serve us now

export class Connection {
  #socket = null;
  #timer = null;
  #attempts = 0;
  #welcomed = false;
  #welcomedAt = 0;
  #refused = false;

  // handlers: hello() → frame to greet with, frame(frame), up(), down(), refused(sentence)
  constructor(url, handlers) {
    this.url = url;
    this.handlers = handlers;
    // A page that was asleep or out of reach does not wait for its turn.
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
  }

  get up() {
    return this.#welcomed;
  }

  open() {
    clearTimeout(this.#timer);
    const socket = (this.#socket = new WebSocket(this.url));
    this.#refused = false;
    this.#timer = setTimeout(() => this.#lost(socket), WELCOME_WITHIN);
    socket.addEventListener("open", () => this.send(this.handlers.hello()));
    socket.addEventListener("message", (event) => socket === this.#socket && this.#frame(event.data));
    socket.addEventListener("close", () => this.#lost(socket));
  }

  send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  // Give up the socket, which may be dead without knowing it, and make another.
  restart() {
    this.#attempts = 0;
    this.#lost(this.#socket);
    this.hurry();
  }

  // Try now instead of waiting.
  hurry() {
    if (this.#socket === null) this.open();
  }

  #frame(data) {
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    if (frame.type === "welcome") {
      const first = !this.#welcomed;
      clearTimeout(this.#timer);
      this.#welcomed = true;
      this.#welcomedAt = Date.now();
      this.handlers.frame(frame);
      if (first) this.handlers.up();
    } else if (frame.type === "error" && !this.#welcomed) {
      this.#refused = true;
      this.handlers.refused(frame.error);
    } else this.handlers.frame(frame);
  }

  #lost(socket) {
    if (socket === null || socket !== this.#socket) return;
    clearTimeout(this.#timer);
    this.#socket = null;
    if (this.#welcomed && Date.now() - this.#welcomedAt > STABLE) this.#attempts = 0;
    this.#welcomed = false;
    socket.close();
    const bound = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#attempts);
    this.#attempts += 1;
    // Spread out, so that a restarted bot does not meet all its visitors in one moment.
    const wait = bound * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => this.open(), this.#refused ? Math.max(wait, TURNED_AWAY_WAIT) : wait);
    this.handlers.down();
  }
}
