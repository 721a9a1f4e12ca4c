// The web chat's page: what the person does, what the bot says, and what is kept of it.

import { Connection } from "./chat-connection.js";
import { IDENTITY, Identity, Transcript, randomId } from "./chat-memory.js";
import { View } from "./chat-view.js";

const LARGEST_FRAME = 64 * 1024; // bytes that the server reads
const IN_FLIGHT = 16; // messages on their way at a time
const ACK_WITHIN = 20_000; // ms; later the connection is taken for dead
const DOUBT = 800; // ms; an acknowledgement that comes at all comes sooner
const TOO_OLD = 10 * 60_000; // ms; what waited longer is not sent without being asked
const SHOW_LOSS_AFTER = 1_500; // ms; a short break is not worth a word

const $ = (id) => document.getElementById(id);
const identity = new Identity();
const transcript = new Transcript();
const view = new View(sendAgain);
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("parachute.chat") : null;

const address = new URL("chat/socket", location.href);
address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
address.hash = "";
const connection = new Connection(address.href, {
  hello: () => ({ type: "hello", token: identity.token }),
  frame: hear,
  up: whenUp,
  down: whenDown,
  refused: (sentence) => setState("off", "Not available", sentence),
});

let ownerToken = takeOwnerToken();
let ackTimer = null;
let lossTimer = null;
let unread = 0;

// --- the owner's link -------------------------------------------------------------------------------------------------

// The token leaves the address bar and the history before anything else happens.
function takeOwnerToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("owner");
  if (token) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

function useOwnerToken() {
  // Only once this browser knows who it is: the token works once, and must not be spent on an identity that gets lost.
  if (!ownerToken || !connection.up) return;
  connection.send({ type: "hello", token: identity.token, owner: ownerToken });
  ownerToken = null;
}

addEventListener("hashchange", () => {
  ownerToken = takeOwnerToken() ?? ownerToken;
  useOwnerToken();
});

// --- what the server says ---------------------------------------------------------------------------------------------

function hear(frame) {
  switch (frame.type) {
    case "welcome":
      identity.welcome(frame);
      showIdentity();
      if (frame.allowed) view.notice("You are in: from now on the bot answers you.", true);
      break;
    case "message":
      // Sent again after a lost connection: what is shown already may be newer.
      if (!transcript.find(frame.id)) botSays(frame);
      break;
    case "edit":
      botSays(frame);
      break;
    case "ack":
      taken(frame.id);
      break;
    case "typing":
      view.typing(frame.on === true);
      break;
    case "error":
      notTaken(frame.error);
  }
}

function botSays(frame) {
  const known = transcript.find(frame.id);
  const entry = transcript.put({
    id: frame.id, who: "bot", text: String(frame.text), at: known?.at ?? Date.now(), state: frame.final ? "done" : "open",
  });
  view.show(entry);
  view.keepOnly(new Set(transcript.entries.map((one) => one.id)));
  if (document.hidden && !known) countUnread();
}

function taken(id) {
  const entry = transcript.find(id);
  if (entry?.who === "me") change(entry, "taken");
  sendWaiting();
}

// The frame names no message, and may be about none: if the one that was sent first is not acknowledged soon either, it was that.
function notTaken(sentence) {
  view.notice(sentence);
  const first = mine("sent")[0];
  if (!first) return;
  setTimeout(() => {
    if (first.state === "sent") change(first, "failed");
    sendWaiting();
  }, DOUBT);
}

// --- what the person says ---------------------------------------------------------------------------------------------

const mine = (state) => transcript.entries.filter((entry) => entry.who === "me" && entry.state === state);
const asFrame = (entry) => ({ type: "message", id: entry.id, text: entry.text });

function change(entry, state) {
  entry.state = state;
  transcript.put(entry);
  view.show(entry);
  tabs?.postMessage({ entry });
}

function say(text) {
  const entry = { id: randomId(), who: "me", text, at: Date.now(), state: "waiting" };
  if (new TextEncoder().encode(JSON.stringify(asFrame(entry))).length > LARGEST_FRAME) {
    view.notice("This message is too long. Please send it in parts.");
    return false;
  }
  transcript.put(entry);
  view.show(entry);
  view.toEnd();
  tabs?.postMessage({ entry });
  sendWaiting();
  return true;
}

function sendAgain(id) {
  const entry = transcript.find(id);
  if (entry?.state !== "failed") return;
  change(entry, "waiting");
  sendWaiting();
}

function sendWaiting() {
  if (connection.up) {
    for (const entry of mine("waiting")) {
      if (mine("sent").length >= IN_FLIGHT || !connection.send(asFrame(entry))) break;
      change(entry, "sent");
    }
  }
  clearTimeout(ackTimer);
  if (mine("sent").length) ackTimer = setTimeout(() => connection.restart(), ACK_WITHIN);
}

// --- the connection ---------------------------------------------------------------------------------------------------

function whenUp() {
  clearTimeout(lossTimer);
  setState("on", "Connected");
  useOwnerToken();
  sendWaiting();
}

function whenDown() {
  clearTimeout(ackTimer);
  view.typing(false);
  // Sent or not, nobody knows; the message's id keeps the server from taking it twice.
  for (const entry of mine("sent")) change(entry, "waiting");
  for (const entry of transcript.entries.filter((one) => one.state === "open")) {
    entry.state = "done";
    view.show(entry);
  }
  if ($("state").dataset.state === "off") return;
  clearTimeout(lossTimer);
  lossTimer = setTimeout(() => setState("lost", "Reconnecting", "The connection is lost. What you write is sent when it is back."), SHOW_LOSS_AFTER);
}

function setState(state, name, sentence = "") {
  if (state === "off") clearTimeout(lossTimer);
  $("state").dataset.state = state;
  if ($("state-text").textContent !== name) $("state-text").textContent = name;
  if ($("banner-text").textContent !== sentence) $("banner-text").textContent = sentence;
  $("banner").hidden = !sentence;
}

function showIdentity() {
  $("visitor-id").textContent = identity.userId ?? "";
  $("id-line").hidden = !identity.userId;
  if (identity.allowed) {
    $("empty-title").textContent = "You are in";
    $("empty-text").textContent = "The bot answers you here. This page remembers you, so you can close it and come back.";
    $("id-line").hidden = true;
  }
}

// --- other tabs of this browser ---------------------------------------------------------------------------------------

tabs?.addEventListener("message", ({ data }) => {
  if (data.forget) return startOver();
  const known = transcript.find(data.entry.id);
  // What this tab has on its way is its own to finish.
  if (known?.state === "sent" && data.entry.state !== "taken") return;
  // What the other tab sends, that tab sends.
  view.show(transcript.put({ ...data.entry, state: data.entry.state === "waiting" ? "elsewhere" : data.entry.state }));
});

// Two tabs that were both new said hello at the same time: all follow the identity that was kept.
addEventListener("storage", (event) => {
  if (event.key === IDENTITY && identity.changed()) connection.restart();
});

function startOver() {
  identity.forget();
  transcript.forget();
  location.reload();
}

// --- the page ---------------------------------------------------------------------------------------------------------

const text = $("text");

function fit() {
  $("send").disabled = !text.value.trim();
  if (CSS.supports("field-sizing", "content")) return;
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if (text.value.trim() && say(text.value.replace(/\s+$/, ""))) {
    text.value = "";
    fit();
  }
  text.focus();
});

text.addEventListener("input", fit);
text.addEventListener("keydown", (event) => {
  // While an input method composes, Enter chooses a word.
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    $("composer").requestSubmit();
  } else if (event.key === "Escape") {
    $("log").focus();
  }
});
$("log").addEventListener("keydown", (event) => event.key === "Escape" && text.focus());

for (const button of document.querySelectorAll("[data-say]")) {
  button.addEventListener("click", () => {
    say(button.dataset.say);
    text.focus();
  });
}

$("retry").addEventListener("click", () => connection.hurry());
$("forget").addEventListener("click", () => $("forget-dialog").showModal());
$("forget-no").addEventListener("click", () => $("forget-dialog").close());
$("forget-yes").addEventListener("click", () => {
  tabs?.postMessage({ forget: true });
  startOver();
});

function countUnread() {
  unread += 1;
  document.title = `(${unread}) Chat`;
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unread = 0;
  document.title = "Chat";
});

for (const entry of transcript.entries) {
  if (["waiting", "sent", "elsewhere"].includes(entry.state)) {
    entry.state = Date.now() - entry.at > TOO_OLD ? "failed" : "waiting";
  }
  if (entry.state === "open") entry.state = "done";
  view.show(entry);
}
showIdentity();
fit();
connection.open();
