// A message as elements. Text goes in as text nodes, never as markup.

/** An element with attributes and children; nothing falsy is added. */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") made.className = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return made;
}

/** A round picture with the first letter of a name. */
export function avatar(name, at, tiny = false) {
  if (at < 0) return el("img", { class: "avatar", src: "/icon.svg", alt: "" });
  return el("span", { class: `avatar m${at % 4}${tiny ? " tiny" : ""}`, "aria-hidden": "true" }, name[0]);
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const days = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const STEPS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];

/** "in 3 hours", seen from `now` in milliseconds. */
export function ago(at, now) {
  let amount = (at - now) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(Math.round(amount)) < size) return relative.format(Math.round(amount), unit);
    amount /= size;
  }
  return "";
}

/** Day and time. */
export const moment = (at) => days.format(at);

/** Brings "in 3 hours" up to date below an element. */
export function refreshTimes(root, now) {
  for (const time of root.querySelectorAll("time[data-ago]")) {
    time.textContent = ago(Number(time.dataset.ago), now);
  }
}

/** The element of a message. `page` has what buttons do. */
export function message(shown, page) {
  const names = page.state.members.map((member) => member.name);
  const bot = Boolean(shown.reply);
  const name = bot ? "Footnote" : shown.member;
  const item = el("article", {
    class: `message${shown.private ? " private" : ""}`,
    id: `m${shown.id}`,
    "aria-label": `${name}, ${clock.format(shown.at)}`,
    "data-id": shown.id,
  });
  if (shown.used) item.append(el("p", { class: "above" }, `${shown.used.member} used ${shown.used.command}`));
  if (shown.before) {
    const { name: author, text } = shown.before;
    item.append(el("p", { class: "above" }, author ? `↪ ${author}: ${text}` : `↪ ${text}`));
  }
  item.append(avatar(name, bot ? -1 : names.indexOf(name)));
  item.append(el("p", { class: "by" },
    el("b", {}, name),
    bot && el("span", { class: "bot" }, "BOT"),
    el("time", { datetime: new Date(shown.at).toISOString(), title: full.format(shown.at) }, clock.format(shown.at)),
    shown.edits > 0 && !shown.private && el("span", { class: "edited" }, "(edited)")));
  item.append(el("div", { class: "said" }, bot ? reply(shown, page) : words(shown.text)));
  if (shown.private) {
    item.append(el("p", { class: "only" }, "Only you can see this · ",
      el("button", { type: "button", onclick: () => page.act("dismiss", { message: shown.id }) }, "Dismiss message")));
  }
  item.append(tools(shown, page, bot, name));
  return item;
}

function tools(shown, page, bot, name) {
  return el("div", { class: "tools" },
    !bot && el("button", { type: "button", class: "find", "aria-label": `Find in notes what ${name} wrote about`,
      onclick: () => page.act("find", { message: shown.id }) }, "Find in notes"),
    !shown.private && el("button", { type: "button", "aria-label": `Reply to ${name}`,
      onclick: () => page.replyTo(shown.id, name) }, "Reply"));
}

/** What somebody wrote, with the bot's name marked. */
function words(text) {
  return text.split(/(@footnote\b)/i).map((part, at) => (at % 2 ? el("span", { class: "name" }, part) : part));
}

function reply(shown, page) {
  const { tone, title, blocks, sources, question, reading, buttons, file } = shown.reply;
  const card = el("div", { class: `card ${tone}` });
  if (title) card.append(el("h3", {}, title));
  for (const one of blocks) card.append(...block(one, page));
  if (sources.length) card.append(el("ul", { class: "sources" }, sources.map(source)));
  if (question || reading) {
    card.append(el("p", { class: "foot" }, question && `“${question}”`, question && reading && el("br"), reading && `read as: ${reading}`));
  }
  const made = [card];
  if (file) made.push(attached(file, page));
  buttons.forEach((row, at) => {
    const letters = row.every((button) => /^[A-E]$/.test(button.label));
    made.push(el("div", { class: `buttons${letters ? " letters" : ""}`, role: "group", "aria-label": letters ? "Answers" : "What to do next" },
      row.map((button, column) => el("button", {
        type: "button",
        class: button.primary ? "primary" : "",
        "aria-label": letters ? `Answer ${button.label}` : null,
        onclick: () => page.press({ message: shown.id, edits: shown.edits, row: at, column }),
      }, button.label))));
  });
  return made;
}

function block(one, page) {
  if (one.kind === "heading") return [el("h4", {}, one.text)];
  if (one.kind === "text") return [el("p", { class: "text" }, one.parts.map((it) => part(it, page)))];
  const quote = one.quoted.code
    ? el("div", {}, el("pre", {}, one.quoted.text), marks(one.numbers))
    : el("blockquote", {}, one.quoted.text, marks(one.numbers));
  if (!one.corrects) return [quote];
  const older = el("p", { class: "older" }, `Corrects an older note: ${one.corrects.quoted.text}`, marks(one.corrects.numbers));
  return [quote, older];
}

// A number never stands alone at the beginning of a line.
const marks = (numbers) => ["\u2060", el("sup", {}, numbers.map((number) => `[${number}]`).join(""))];

function part({ kind, text, at, url }, page) {
  if (kind === "strong") return el("strong", {}, text);
  if (kind === "code") return el("code", {}, text);
  if (kind === "name") return el("span", { class: "name" }, text);
  if (kind === "link") return link(text, url);
  if (kind === "time") return el("time", { datetime: new Date(at * 1000).toISOString() }, full.format(at * 1000));
  if (kind === "ago") {
    return el("time", { "data-ago": at * 1000, datetime: new Date(at * 1000).toISOString(), title: full.format(at * 1000) }, ago(at * 1000, page.now()));
  }
  if (kind === "spoiler") {
    const hidden = el("button", { type: "button", class: "spoiler", "aria-expanded": "false", "aria-label": "Show the hidden text" }, text);
    hidden.addEventListener("click", () => {
      hidden.setAttribute("aria-expanded", "true");
      hidden.setAttribute("aria-label", text);
    });
    return hidden;
  }
  // Signs that not every machine has a font for, and bars, in a colour of ours.
  return text.split(/(✅|▇+)/).map((piece, at) => {
    if (at % 2 === 0) return piece;
    return el("span", { class: "sign-of" }, piece === "✅" ? "✔" : piece);
  });
}

/** A link, if it leads to the web or to a message on this page. */
function link(text, url) {
  if (/^#m\d+$/.test(url)) return el("a", { href: url }, text);
  if (/^https?:\/\//.test(url)) return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text);
  return text;
}

function source({ place, link: href, text, url }, at) {
  return el("li", {}, `[${at + 1}] `, href ? link(place, href) : place, text && " · ", text && (url ? link(text, url) : text));
}

function attached(file, page) {
  const path = `${file.path}?member=${page.member}`;
  if (file.picture) return el("a", { href: path, target: "_blank", rel: "noopener" }, el("img", { class: "picture", src: path, alt: file.description }));
  const size = file.size < 1024 ? `${file.size} bytes` : `${(file.size / 1024).toFixed(1)} KB`;
  return el("p", {}, el("a", { class: "file", href: path, download: file.name, title: file.description }, `${file.name} (${size})`));
}
