// The conversation on the screen.

import { element, rendered } from "./chat-text.js";

const TOGETHER = 3 * 60_000; // messages of one side within this time (ms) stand as one group
const CLOSE_TO_END = 80;

const STATES = {
  waiting: ["◷", "Waiting for the connection"],
  sent: ["◷", "Sending"],
  elsewhere: ["◷", "Sending from another tab"],
  taken: ["✓", "Taken by the bot"],
  failed: ["!", "Not sent"],
};

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

export class View {
  #log = document.getElementById("log");
  #entries = document.getElementById("entries");
  #empty = document.getElementById("empty");
  #typing = document.getElementById("typing");
  #latest = document.getElementById("latest");
  #shown = new Map();
  #atEnd = true;

  // again(id): the person wants a message that was not sent to be sent again
  constructor(again) {
    this.again = again;
    this.#latest.addEventListener("click", () => this.toEnd());
    this.#log.addEventListener("scroll", () => {
      this.#atEnd = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < CLOSE_TO_END;
      if (this.#atEnd) this.#latest.hidden = true;
    });
    new ResizeObserver(() => this.#follow()).observe(this.#log);
  }

  // Show an entry of the transcript, or what has changed of it.
  show(entry) {
    let item = this.#shown.get(entry.id);
    const fresh = !item;
    if (fresh) {
      item = this.#insert(entry);
      this.#shown.set(entry.id, item);
      this.#empty.hidden = true;
    }
    if (item.text !== entry.text) {
      item.text = entry.text;
      item.bubble.replaceChildren(rendered(entry.text));
    }
    item.node.classList.toggle("open", entry.state === "open");
    item.bubble.setAttribute("aria-busy", String(entry.state === "open"));
    this.#mark(item, entry);
    if (fresh) this.#group();
    this.#follow(fresh && entry.who === "bot");
  }

  // A remark of the page itself: it is not part of the conversation and not kept.
  notice(sentence, calm = false) {
    const node = element("p", calm ? "notice calm" : "notice", sentence);
    node.at = Date.now();
    this.#entries.append(node);
    this.#follow(true);
  }

  // Take away what the transcript has dropped.
  keepOnly(ids) {
    for (const [id, item] of this.#shown) {
      if (ids.has(id)) continue;
      item.node.remove();
      this.#shown.delete(id);
    }
    this.#group();
  }

  clear() {
    this.#shown.clear();
    this.#entries.replaceChildren();
    this.#empty.hidden = false;
    this.typing(false);
  }

  typing(on) {
    this.#typing.hidden = !on;
    this.#follow();
  }

  toEnd() {
    this.#atEnd = true;
    this.#latest.hidden = true;
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  #insert(entry) {
    const bubble = element("div", "bubble");
    const meta = element("p", "meta");
    const who = element("span", "unseen", entry.who === "me" ? "You: " : "Bot: ");
    const node = element("article", `entry ${entry.who}`, who, bubble, meta);
    node.at = entry.at;
    node.who = entry.who;
    const next = Array.from(this.#entries.children).findLast((other) => !other.classList.contains("day") && other.at <= entry.at);
    if (next) next.after(node);
    else this.#entries.prepend(node);
    return { node, bubble, meta, text: null };
  }

  #mark({ meta, node }, entry) {
    node.classList.toggle("failed", entry.state === "failed");
    const time = element("time", "", clock.format(entry.at));
    time.dateTime = new Date(entry.at).toISOString();
    const parts = [time];
    const [sign, words] = STATES[entry.state] ?? [];
    if (entry.who === "me" && sign) {
      const mark = element("span", `mark-${entry.state}`, sign);
      mark.setAttribute("aria-hidden", "true");
      mark.title = words;
      const spoken = element("span", entry.state === "failed" ? "" : "unseen", words);
      parts.push(mark, spoken);
    }
    if (entry.state === "failed") {
      const again = element("button", "link", "Send again");
      again.type = "button";
      again.addEventListener("click", () => this.again(entry.id));
      parts.push(again);
    }
    meta.replaceChildren(...parts);
  }

  // Days apart, messages that belong together close to each other.
  #group() {
    for (const day of this.#entries.querySelectorAll(".day")) day.remove();
    let before = null;
    for (const node of Array.from(this.#entries.children)) {
      if (new Date(node.at).toDateString() !== new Date(before?.at ?? 0).toDateString()) node.before(dayLine(node.at));
      const joins = node.who !== undefined && before?.who === node.who && node.at - before.at < TOGETHER;
      node.classList.toggle("joins", joins);
      before?.classList.toggle("goes-on", joins);
      node.classList.remove("goes-on");
      before = node;
    }
  }

  #follow(news = false) {
    if (this.#atEnd) this.toEnd();
    else if (news) this.#latest.hidden = false;
  }
}

function dayLine(at) {
  const line = element("p", "day", dayName(at));
  line.at = at;
  return line;
}

function dayName(at) {
  const daysAgo = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
  return ["Today", "Yesterday"][daysAgo] ?? calendar.format(at);
}
