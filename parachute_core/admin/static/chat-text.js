// A message's text as elements. Nothing in it is ever read as HTML: elements are made one by one, their text set as text.

// A block that is not closed yet, because it is still being written, goes to the end.
const FENCE = /^```([^\n`]*)\n([\s\S]*?)(?:^```[ \t]*$|(?![\s\S]))/gm;
// Bounded repetitions: a text made to slow the page down must not.
const INLINE = /`([^`\n]+)`|\*\*([^\s*](?:[^*\n]*[^\s*])?)\*\*|\[([^\]\n]{1,200})\]\((https?:\/\/[^\s()<>"]{1,2000})\)|(https?:\/\/[^\s<>"`]{1,2000})/g;
const TRAILING = /[.,;:!?'"\])}*_]+$/;

// The text as a fragment: fenced code blocks, inline code, bold, and links to http and https.
export function rendered(text) {
  const fragment = document.createDocumentFragment();
  let end = 0;
  for (const match of text.matchAll(FENCE)) {
    prose(fragment, text.slice(end, match.index));
    fragment.append(codeBlock(match[2].replace(/\n$/, ""), match[1].trim()));
    end = match.index + match[0].length;
  }
  prose(fragment, text.slice(end));
  return fragment;
}

export function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function prose(parent, text) {
  const trimmed = text.replace(/^\n+|\s+$/g, "");
  if (!trimmed) return;
  const block = element("div", "prose");
  inline(block, trimmed);
  parent.append(block);
}

function inline(parent, text) {
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, label, target, bare] = match;
    parent.append(text.slice(end, match.index));
    if (code !== undefined) parent.append(element("code", "", code));
    else if (bold !== undefined) parent.append(element("strong", "", bold));
    else if (target !== undefined) parent.append(link(label, target));
    else bareLink(parent, bare);
    end = match.index + whole.length;
  }
  parent.append(text.slice(end));
}

// A full stop or bracket after an address belongs to the sentence, not to the address.
function bareLink(parent, text) {
  const rest = TRAILING.exec(text)?.[0] ?? "";
  const address = text.slice(0, text.length - rest.length);
  parent.append(link(address, address), rest);
}

function link(label, address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return document.createTextNode(label);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return document.createTextNode(label);
  const made = element("a", "", label);
  made.href = url.href;
  made.title = url.href;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  return made;
}

function codeBlock(code, language) {
  const bar = element("div", "code-bar", element("span", "", language || "code"));
  // The clipboard is there on secure pages only.
  if (navigator.clipboard) bar.append(copyButton(code));
  return element("div", "code", bar, element("pre", "", element("code", "", code)));
}

function copyButton(code) {
  const button = element("button", "link copy", "Copy");
  button.type = "button";
  button.setAttribute("aria-label", "Copy code");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not copied";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  return button;
}
