// Makes the pages live: forms without a reload, and what changed elsewhere shown at once. Without it everything works as well.
const parser = new DOMParser();
const QUIET = 2000; // milliseconds between two looks at most
const BLIND = 20000; // and at least, where the bot tells nothing

const events = new EventSource("/events");
let left = false;

// The login is over; both the stream and an answer may say so.
function leave() {
  if (left) return;
  left = true;
  events.close();
  location.assign("/login");
}

async function load(address, options) {
  const answer = await fetch(address, { ...options, headers: { Accept: "text/html" } });
  const url = new URL(answer.url);
  if (url.pathname === "/login") return leave();
  if (answer.status === 403) return location.reload(); // a form from before this browser logged in again
  if (!(answer.headers.get("Content-Type") ?? "").startsWith("text/html")) throw new Error(String(answer.status));
  const page = parser.parseFromString(await answer.text(), "text/html");
  url.searchParams.delete("said");
  return { page, address: url.pathname + url.search };
}

// What somebody is in the middle of stays: the open question, the chosen level, the place of the focus.
function put(id, page) {
  const old = document.getElementById(id);
  const fresh = page.getElementById(id);
  if (!old || !fresh || old.innerHTML === fresh.innerHTML) return;
  const focused = old.contains(document.activeElement) ? document.activeElement.id : null;
  const open = [...old.querySelectorAll("details[open]")].map((one) => one.id);
  const chosen = [...old.querySelectorAll("select[id]")].map((one) => [one.id, one.value]);
  old.replaceChildren(...fresh.childNodes);
  for (const one of open) document.getElementById(one)?.setAttribute("open", "");
  for (const [one, value] of chosen) {
    const select = document.getElementById(one);
    if (select) select.value = value;
  }
  if (focused) (document.getElementById(focused) ?? document.getElementById("main")).focus({ preventScroll: true });
}

function show({ page, address }, said) {
  put("views", page);
  put("beside", page);
  put("live", page);
  if (said) {
    put("notice", page);
    document.title = page.title;
    history.replaceState(null, "", address);
  }
}

const current = document.querySelector("#views [aria-current]");
current?.closest("nav").scrollTo({ left: current.offsetLeft - 40 });

addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-act]")) return;
  event.preventDefault();
  const button = event.submitter;
  button.disabled = true;
  form.closest("details")?.removeAttribute("open");
  try {
    const loaded = await load(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (loaded) show(loaded, true);
  } catch {
    location.reload(); // it may have been done: the page shows what is so now, and nothing is sent twice
  } finally {
    button.disabled = false;
    if (!document.contains(button)) document.getElementById("main").focus({ preventScroll: true });
  }
});

addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const question = document.activeElement?.closest("details.sure[open]");
  if (!question) return;
  question.removeAttribute("open");
  question.querySelector("summary").focus();
});

let looking = null;
let told = 0;

function look() {
  told = Date.now();
  looking ??= setTimeout(async () => {
    try {
      const loaded = document.hidden ? null : await load(location.pathname + location.search);
      if (loaded) show(loaded, false);
      document.body.classList.remove("away");
    } catch {
      document.body.classList.add("away");
    } finally {
      looking = null;
    }
  }, 150); // several changes at once are one look
}

events.addEventListener("changed", look);
events.addEventListener("open", look);
events.addEventListener("over", leave);
events.addEventListener("error", () => document.body.classList.add("away"));
setInterval(() => {
  if (Date.now() - told > BLIND) look();
}, QUIET);
document.addEventListener("visibilitychange", () => document.hidden || look());

if (new URLSearchParams(location.search).has("said")) {
  const url = new URL(location.href);
  url.searchParams.delete("said");
  history.replaceState(null, "", url.pathname + url.search);
}
