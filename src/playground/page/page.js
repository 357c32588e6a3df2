// The page: who one is, where one is, and what is there. The server says when
// something has changed; the page then asks for all of it and shows what is new.

import { Composer } from "/composer.js";
import { ago, avatar, el, message, moment, refreshTimes } from "/reply.js";

const $ = (id) => document.getElementById(id);
/** Nearer to the end than this, one reads along. */
const NEAR = 120;

const chosen = new URLSearchParams(location.search);
const page = {
  member: chosen.get("member") ?? "101",
  channel: chosen.get("channel") ?? "11",
  state: null,
  ahead: 0,
  shown: new Map(),
  composer: null,

  /** The playground's time in milliseconds. */
  now: () => Date.now() + page.ahead,

  /** Sends something; the answer, or nothing when there is none. */
  async ask(path, what) {
    try {
      const response = await fetch(`/api/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ member: page.member, channel: page.channel, theme: theme(), ...what }),
      });
      const answer = await response.json();
      if (response.ok) return answer;
      page.say(`That did not work: ${answer.error}.`);
    } catch {
      trouble(true);
    }
    return null;
  },

  /** Does something and shows what came of it. */
  async act(path, what) {
    const answer = await page.ask(path, what);
    if (answer) {
      page.follow = path !== "dismiss" && path !== "click";
      await refresh();
    }
    return answer;
  },

  /** Presses a button of a message. */
  async press(button) {
    const answer = await page.act("click", button);
    if (answer?.form) whyNot(button);
  },

  replyTo: (id, name) => page.composer.replyTo(id, name),

  /** Says something in a line below the field. */
  say(text) {
    $("said").textContent = text;
  },
};

/** What the page looks like: pictures are drawn to go with it. */
const theme = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

let busy = false;
let again = false;

/** Asks for everything, once at a time. */
async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    do {
      again = false;
      const place = `member=${page.member}&channel=${page.channel}`;
      const response = await fetch(`/api/state?${place}`);
      if (!response.ok) {
        // Somebody edited the address of the page.
        [page.member, page.channel] = ["101", "11"];
        again = true;
        continue;
      }
      const state = await response.json();
      if (place !== `member=${page.member}&channel=${page.channel}`) {
        again = true;
        continue;
      }
      page.state = state;
      page.ahead = page.state.now - Date.now();
      show();
      trouble(false);
    } while (again);
  } catch {
    trouble(true);
  }
  busy = false;
}

function trouble(is) {
  $("trouble").hidden = !is;
  $("trouble").textContent = is ? "The playground does not answer. Is it still running? This page tries again by itself." : "";
}

function show() {
  const { state } = page;
  const here = state.channels.find((channel) => channel.id === page.channel);
  $("channel").textContent = here.direct ? here.name : `#${here.name}`;
  $("topic").textContent = here.topic;
  document.title = `${here.direct ? "" : "#"}${here.name} · Footnote playground`;
  page.composer.placeholder(here.direct ? "Ask anything, or type / for commands" : "@Footnote and a question, or / for commands");
  choices($("channels"), state.channels, (channel) => [
    el("span", { class: "sign", "aria-hidden": "true" }, channel.direct ? "@" : "#"), channel.direct ? `${channel.name} (direct)` : channel.name,
  ], (channel) => ({ "aria-current": channel.id === page.channel ? "page" : null, onclick: () => go(page.member, channel.id) }));
  choices($("members"), state.members, (member, at) => [
    avatar(member.name, at, true), member.name, member.manages && el("small", {}, "manages server"),
  ], (member) => ({ "aria-pressed": String(member.id === page.member), onclick: () => become(member.id) }));
  showMessages(state.messages);
  showNotes(state.notes);
  showClock();
  const movable = state.quiz.movable;
  for (const cue of document.querySelectorAll("[data-cue]")) cue.disabled = !movable && cue.dataset.cue !== "post";
}

/** Buttons of a list; kept where nothing but marks changes, so that focus stays. */
function choices(list, all, inside, attributes) {
  const held = document.activeElement?.closest(`#${list.id} li`);
  const at = held ? [...list.children].indexOf(held) : -1;
  list.replaceChildren(...all.map((one, index) => el("li", {}, el("button", { type: "button", ...attributes(one) }, inside(one, index)))));
  if (at >= 0) list.children[at]?.querySelector("button").focus();
}

function showMessages(messages) {
  const log = $("log");
  const near = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  const before = page.shown;
  page.shown = new Map();
  let grown = false;
  let place = log.firstElementChild;
  for (const one of messages) {
    const key = `${one.edits}/${JSON.stringify(one.before ?? null)}`;
    const known = before.get(one.id);
    let item = known?.item;
    if (!known || known.key !== key) {
      const held = item?.contains(document.activeElement);
      const fresh = message(one, page);
      if (item) {
        if (item === place) place = fresh;
        item.replaceWith(fresh);
      }
      if (held) (fresh.querySelector(".buttons button") ?? $("text")).focus();
      grown = true;
      item = fresh;
    }
    before.delete(one.id);
    page.shown.set(one.id, { key, item });
    if (item === place) place = place.nextElementSibling;
    else log.insertBefore(item, place);
  }
  for (const { item } of before.values()) {
    if (item.contains(document.activeElement)) $("text").focus();
    item.remove();
  }
  refreshTimes(log, page.now());
  if (grown && (near || page.follow)) {
    log.scrollTop = log.scrollHeight;
    // A long answer is read from its beginning.
    const last = log.lastElementChild;
    if (last && last.offsetHeight > log.clientHeight) last.scrollIntoView({ block: "start" });
  }
  page.follow = false;
}

function showNotes(notes) {
  const findings = (list) => list.map((one) => el("p", { class: `finding ${one.severity}` },
    el("code", {}, one.place), el("br"), `${one.severity}: ${one.message}. ${one.remedy}`));
  const parts = [el("p", {}, `${notes.count} notes, ${notes.sections} sections, from `, el("code", {}, notes.folder))];
  if (notes.refused) {
    parts.push(el("p", { class: "refused" }, "The last change was not taken over; the notes from before stay in use."));
    parts.push(...(notes.refused.findings.length ? findings(notes.refused.findings) : [el("p", {}, notes.refused.why)]));
  } else if (notes.total === 0) {
    parts.push(el("p", { class: "small" }, "Lint finds nothing wrong. Change a note and it is loaded at once."));
  }
  if (notes.total > 0) {
    parts.push(el("p", {}, `Lint finds ${notes.total} ${notes.total === 1 ? "thing" : "things"}:`), ...findings(notes.findings));
    if (notes.total > notes.findings.length) parts.push(el("p", { class: "small" }, "footnote lint lists the rest."));
  }
  const text = parts.map((part) => part.textContent).join("\n");
  if ($("notes").dataset.text === text) return;
  $("notes").dataset.text = text;
  $("notes").replaceChildren(...parts);
}

function showClock() {
  const { quiz, store } = page.state;
  const next = quiz.next ? ` Next question ${ago(quiz.next * 1000, page.now())}.` : "";
  const moved = quiz.moved ? "Moved ahead: it is" : "It is";
  const kept = store ? ` Kept in ${store}, so the time is the real one.` : "";
  $("clock").textContent = `${moved} ${moment(page.now())} here.${next}${kept}`;
}

/** Another channel or member; the address says which, so that reloading stays. */
async function go(member, channel) {
  [page.member, page.channel] = [member, channel];
  history.replaceState(null, "", `?member=${member}&channel=${channel}`);
  page.shown = new Map();
  $("log").replaceChildren();
  page.say("");
  page.composer.replyTo(null);
  if ($("side").classList.contains("open")) {
    menu(false);
    $("menu").focus();
  }
  page.follow = true;
  await refresh();
}

function become(member) {
  const here = page.state.channels.find((channel) => channel.id === page.channel);
  return go(member, here.direct ? page.state.channels[0].id : page.channel);
}

async function stage(cue) {
  const answer = await page.ask("quiz", { cue });
  if (!answer) return;
  await go(page.member, page.state.quiz.channel);
  page.say(answer.said);
}

/** Asks why an answer did not help. */
function whyNot(button) {
  const dialog = $("why");
  $("reason").value = "";
  dialog.returnValue = "";
  dialog.onclose = () => {
    if (dialog.returnValue === "send") page.act("reason", { ...button, reason: $("reason").value });
  };
  dialog.showModal();
}

function menu(open) {
  $("side").classList.toggle("open", open);
  $("menu").setAttribute("aria-expanded", String(open));
}

function listen() {
  $("menu").addEventListener("click", () => menu(!$("side").classList.contains("open")));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && $("side").classList.contains("open")) {
      menu(false);
      $("menu").focus();
    }
  });
  for (const cue of document.querySelectorAll("[data-cue]")) cue.addEventListener("click", () => stage(cue.dataset.cue));
  // Where Discord has its menu of a message.
  $("log").addEventListener("contextmenu", (event) => {
    const find = event.target.closest(".message")?.querySelector(".find");
    if (find) {
      event.preventDefault();
      find.focus();
    }
  });
  setInterval(() => {
    if (page.state) {
      refreshTimes($("log"), page.now());
      showClock();
    }
  }, 15000);
  const events = new EventSource("/api/events");
  events.onmessage = refresh;
  events.onerror = () => trouble(true);
}

const commands = await (await fetch("/api/commands")).json();
page.composer = new Composer(page, commands);
page.follow = true;
listen();
await refresh();
$("text").focus();
