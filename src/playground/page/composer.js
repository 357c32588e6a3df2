// Where people write: plain messages, and commands with their options. Typing is
// helped by one list of offers that every field shares.

import { el } from "/reply.js";

const $ = (id) => document.getElementById(id);

/** The list above the field that is being typed in. */
class Offers {
  constructor() {
    this.items = [];
    this.at = -1;
    this.field = null;
    $("offers").addEventListener("mousedown", (event) => {
      const item = event.target.closest("li");
      event.preventDefault();
      if (item) this.items[Number(item.dataset.at)].choose();
    });
  }

  /** Shows items `{label, hint, choose}` for a field; nothing closes it. */
  show(field, title, items, first = 0) {
    if (!items.length) return this.close();
    this.close();
    this.field = field;
    this.items = items;
    $("offers-title").textContent = title;
    $("offers").replaceChildren(...items.map((item, at) =>
      el("li", { role: "option", id: `offer-${at}`, "data-at": at, "aria-selected": "false" },
        el("b", {}, item.label), item.hint && el("span", {}, item.hint))));
    $("offers-box").hidden = false;
    field.setAttribute("aria-expanded", "true");
    this.mark(first);
  }

  close() {
    $("offers-box").hidden = true;
    this.field?.setAttribute("aria-expanded", "false");
    this.field?.removeAttribute("aria-activedescendant");
    this.field = null;
    this.items = [];
    this.at = -1;
  }

  mark(at) {
    $(`offer-${this.at}`)?.setAttribute("aria-selected", "false");
    this.at = at;
    const marked = $(`offer-${at}`);
    if (!marked) return this.field.removeAttribute("aria-activedescendant");
    marked.setAttribute("aria-selected", "true");
    marked.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", marked.id);
  }

  /** Arrows, Enter, Tab and Escape; says whether the key is spent. */
  key(event) {
    if (!this.items.length) return false;
    const { key } = event;
    const count = this.items.length;
    if (key === "ArrowDown") this.mark((this.at + 1) % count);
    else if (key === "ArrowUp") this.mark((this.at + count - (this.at < 0 ? 0 : 1)) % count);
    else if (key === "Escape") this.close();
    else if ((key === "Enter" || key === "Tab") && this.at >= 0 && !event.shiftKey) this.items[this.at].choose();
    else return false;
    event.preventDefault();
    return true;
  }
}

/** The form at the bottom of the page. */
export class Composer {
  constructor(page, commands) {
    this.page = page;
    this.commands = commands;
    this.offers = new Offers();
    this.command = null;
    this.to = null;
    this.asked = 0;
    const text = $("text");
    text.addEventListener("input", () => this.typed());
    text.addEventListener("focus", () => this.typed());
    text.addEventListener("blur", () => this.offers.close());
    text.addEventListener("keydown", (event) => {
      if (this.offers.key(event)) return;
      if (event.key === "Escape" && this.to) this.replyTo(null);
    });
    $("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    $("answering").querySelector("button").addEventListener("click", () => this.replyTo(null));
  }

  /** A new member or channel: other words in the empty field. */
  placeholder(text) {
    $("text").placeholder = text;
  }

  /** The next message replies to this one, or to none. */
  replyTo(id, name) {
    this.to = id;
    $("answering").hidden = !id;
    $("answering").querySelector("span").textContent = id ? `Replying to ${name}` : "";
    if (id) {
      this.leave();
      $("text").focus();
    }
  }

  /** Commands that the member may use here. */
  usable() {
    const { state, member, channel } = this.page;
    const manages = state.members.find((one) => one.id === member).manages;
    const direct = state.channels.find((one) => one.id === channel).direct;
    return this.commands.filter((command) => !command.manager || (manages && !direct));
  }

  typed() {
    const text = $("text");
    const value = text.value;
    const named = this.usable().find((command) => value.startsWith(`/${command.name} `));
    if (named) return this.enter(named, value.slice(named.name.length + 2));
    if (value.startsWith("/")) {
      const typed = value.slice(1).toLowerCase();
      const fitting = this.usable().filter((command) => command.name.includes(typed));
      fitting.sort((a, b) => b.name.startsWith(typed) - a.name.startsWith(typed));
      return this.offers.show(text, "Commands", fitting.map((command) => ({
        label: `/${command.name}`,
        hint: command.description,
        choose: () => this.enter(command, ""),
      })));
    }
    const mention = value.match(/(^|\s)@(\w*)$/);
    if (mention && "footnote".startsWith(mention[2].toLowerCase())) {
      return this.offers.show(text, "Mention", [{
        label: "@Footnote",
        hint: "ask the bot in plain words",
        choose: () => {
          text.value = `${value.slice(0, value.length - mention[2].length)}Footnote `;
          this.offers.close();
        },
      }]);
    }
    return this.offers.close();
  }

  /** A command was chosen: a field for each option that it needs. */
  enter(command, first) {
    this.offers.close();
    this.replyTo(null);
    this.command = command;
    const box = $("command");
    box.replaceChildren(el("span", { class: "verb" }, `/${command.name}`));
    $("plain").hidden = true;
    box.hidden = false;
    for (const option of command.options.filter((option) => option.required)) box.append(this.field(option));
    for (const option of command.options.filter((option) => !option.required)) {
      box.append(el("button", { type: "button", class: "more", "data-more": option.name, "aria-label": `Add ${option.name}: ${option.description}`,
        onclick: (event) => {
          const field = this.field(option);
          event.target.replaceWith(field);
          field.querySelector("input, select").focus();
        } }, `+ ${option.name}`));
    }
    box.append(el("button", { type: "button", class: "more", "aria-label": `Leave /${command.name}`, onclick: () => { this.leave(); $("text").focus(); } }, "✕"));
    const input = box.querySelector("input, select");
    if (input?.tagName === "INPUT") input.value = first;
    (input ?? $("send")).focus();
    box.onkeydown = (event) => {
      const empty = event.target.tagName === "INPUT" && event.target.value === "";
      if (event.key === "Escape" || (event.key === "Backspace" && empty && event.target === box.querySelector("input"))) {
        if (event.defaultPrevented) return;
        event.preventDefault();
        this.leave();
        $("text").focus();
      }
    };
  }

  /** Back to plain writing. */
  leave() {
    this.offers.close();
    this.command = null;
    $("command").hidden = true;
    $("command").replaceChildren();
    $("plain").hidden = false;
    $("text").value = "";
  }

  field(option) {
    const id = `option-${option.name}`;
    const label = el("label", { for: id, title: option.description }, option.name);
    const choices = this.choices(option);
    if (choices) {
      const select = el("select", { id, name: option.name, "aria-label": `${option.name}: ${option.description}` },
        choices.map(([value, text]) => el("option", { value }, text)));
      return el("span", { class: "field" }, label, select);
    }
    const input = el("input", {
      id, name: option.name, type: "text", inputmode: option.kind === "number" ? "numeric" : null,
      "aria-label": `${option.name}: ${option.description}`, placeholder: option.description,
      required: option.required, maxlength: option.max_length || null,
    });
    if (option.autocomplete) {
      for (const [key, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-controls", "offers"], ["aria-autocomplete", "list"]]) input.setAttribute(key, value);
      const look = () => this.suggest(option, input);
      input.addEventListener("input", () => { delete input.dataset.value; look(); });
      input.addEventListener("focus", look);
      input.addEventListener("blur", () => this.offers.close());
      input.addEventListener("keydown", (event) => this.offers.key(event));
    }
    return el("span", { class: "field" }, label, input);
  }

  choices(option) {
    const { members, channels } = this.page.state;
    if (option.kind === "member") return members.map((member) => [member.id, member.name]);
    if (option.kind === "channel") return channels.filter((channel) => !channel.direct).map((channel) => [channel.id, `#${channel.name}`]).reverse();
    if (option.kind === "flag") return [["True", "True"], ["False", "False"]];
    return option.choices.length ? option.choices.map((choice) => [choice, choice]) : null;
  }

  async suggest(option, input) {
    const asked = ++this.asked;
    const offered = await this.page.ask("suggest", {
      command: this.command.name, option: option.name, typed: input.value, arguments: this.arguments(),
    });
    if (!offered || asked !== this.asked || document.activeElement !== input || input.dataset.value) return;
    // Whoever types a question sends it with Enter; a name is completed with it.
    const first = option.name === "question" && this.command.name === "ask" ? -1 : 0;
    this.offers.show(input, option.description, offered.map(({ label, value }) => ({
      label,
      choose: () => {
        input.value = label;
        input.dataset.value = value;
        this.offers.close();
      },
    })), first);
  }

  arguments() {
    const given = {};
    for (const field of $("command").querySelectorAll("input, select")) {
      const value = field.dataset.value ?? field.value;
      if (value.trim()) given[field.name] = value;
    }
    return given;
  }

  async submit() {
    this.offers.close();
    if (this.command) {
      const { name } = this.command;
      const sent = await this.page.act("command", { command: name, arguments: this.arguments() });
      if (sent) {
        this.leave();
        $("text").focus();
      }
      return;
    }
    const text = $("text").value.trim();
    if (!text) return;
    if (text.startsWith("/")) {
      const command = this.usable().find((command) => `/${command.name}` === text);
      if (command) return this.enter(command, "");
      return this.page.say("There is no such command. Type / to see all of them.");
    }
    const sent = await this.page.act("message", { text, to: this.to });
    if (sent) {
      $("text").value = "";
      this.replyTo(null);
    }
  }
}
