// Keys for what the page has: an element says by data-key which key presses it. The server writes everything else.
"use strict";

const visible = (element) => element.getClientRects().length > 0;
const row = () => document.querySelector("main")?.dataset.row ?? "";
const typing = (element) => element.matches("textarea, select, input:not([type=checkbox], [type=radio])");

// Opens a folded part and goes to the field that is typed in first.
function open(part) {
  part.open = true;
  const first = part.querySelector("[data-first]");
  if (first && !first.closest(".sheet")) { first.focus(); }
  if (first && first.tagName === "TEXTAREA") { first.setSelectionRange(first.value.length, first.value.length); }
}

// Closes what is open last: the help, a menu, a rewriting; says whether there was any.
function close() {
  const part = document.querySelector("dialog[open], details.menu[open], details.rewrite[open]");
  if (part) { part.tagName === "DIALOG" ? part.close() : (part.open = false); }
  return Boolean(part);
}

function press(element) {
  if (element.tagName === "SUMMARY") {
    const part = element.parentElement;
    part.open = !part.open;
    if (part.open && part.matches(".filters")) { part.querySelector("select, input").focus(); }
  } else if (element.matches("input")) {
    element.closest("details").open = true;
    element.focus();
    element.select();
  } else {
    element.click();
  }
}

let busy = false; // a request is under way: a key that is held down decides one row, not ten
document.addEventListener("htmx:beforeRequest", (event) => { busy = busy || event.detail.boosted; });
document.addEventListener("htmx:afterRequest", (event) => { busy = busy && !event.detail.boosted; });

// What was not recorded is said, and what was typed stays. The server's words are one line of plain text.
function lost(words) {
  const said = document.getElementById("lost");
  if (!said) { return; }
  if (words) { said.textContent = `Nothing was recorded. ${words}`; }
  said.hidden = false;
  said.scrollIntoView({ block: "nearest" });
}
document.addEventListener("htmx:sendError", () => lost(""));
document.addEventListener("htmx:timeout", () => lost(""));
document.addEventListener("htmx:responseError", (event) => lost(event.detail.xhr.responseText));

document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.isComposing) { return; } // keys of an input method: Escape leaves its candidates, not the rewriting
  if (event.key === "Escape") {
    if (close()) { event.preventDefault(); }
    target.blur();
    return;
  }
  if (event.key === "Enter" && event.ctrlKey && target.form) {
    event.preventDefault();
    target.form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(target) || busy) { return; }
  if (document.querySelector("dialog[open], details.rewrite[open]")) { return; } // words beside their field decide nothing
  const wanted = [...document.querySelectorAll("[data-key]")].find(
    (element) => element.dataset.key.split(" ").includes(event.key) && (visible(element) || element.matches("input[type=search]")),
  );
  if (wanted && !wanted.disabled && !event.repeat) {
    event.preventDefault();
    press(wanted);
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-opens], [data-closes], [data-dialog]");
  if (!button) { return; }
  if (button.dataset.dialog) { document.getElementById(button.dataset.dialog).showModal(); }
  if (button.dataset.opens) { open(document.getElementById(button.dataset.opens)); }
  if (button.dataset.closes) { document.getElementById(button.dataset.closes).open = false; }
});

// A rewriting is typed at once, however it was opened; filters stay open from row to row, as they were left.
let filtering = false;
document.addEventListener("toggle", (event) => {
  const part = event.target;
  if (part.matches("details.rewrite[open]")) { open(part); }
  if (part.matches("details.filters")) { filtering = part.open; }
}, true);

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submits]");
  if (form && event.target.matches("select")) { form.requestSubmit(); }
});

// The same row, written anew, stays where it was on the screen.
let left = { row: "", y: 0 };
document.addEventListener("htmx:beforeSwap", () => { left = { row: row(), y: window.scrollY }; });
document.addEventListener("htmx:afterSettle", () => {
  if (left.row && row() === left.row) { window.scrollTo(0, left.y); }
});

// A new row is read from its top; who cannot see it hears its heading.
document.addEventListener("htmx:load", () => {
  for (const element of document.querySelectorAll("[data-key]")) { element.setAttribute("aria-keyshortcuts", element.dataset.key); }
  const filters = document.querySelector("details.filters");
  if (filters && filtering) { filters.open = true; }
  const heading = document.getElementById("row");
  if (heading && !document.querySelector("details.rewrite[open]")) { heading.focus({ preventScroll: true }); }
});

// The stretch of a conversation that is spoken of: a mark in focus, or what is selected with the mouse. Places are counted in
// characters, as the server does, not in halves of them.
const characters = (text) => [...text].length;

function choose(turn, start, end, words) {
  const values = { turn, start, end, words };
  for (const form of document.querySelectorAll("form[data-stretch]")) {
    for (const name of Object.keys(values)) { form.elements[name].value = values[name]; }
  }
}

document.addEventListener("focusin", (event) => {
  const mark = event.target.closest("mark[data-start]");
  if (mark) { choose(mark.closest("[data-turn]").dataset.turn, mark.dataset.start, mark.dataset.end, mark.textContent); }
});

document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) { return; }
  const said = selection.anchorNode.parentElement?.closest("[data-turn]");
  if (!said?.contains(selection.focusNode)) { // of two turns, or beside them: what was chosen before is not meant either
    if (document.activeElement?.name !== "words") { choose("", "", "", ""); }
    return;
  }
  const range = selection.getRangeAt(0);
  const before = document.createRange();
  before.setStart(said, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const text = range.toString();
  const start = characters(before.toString()) + characters(text) - characters(text.trimStart());
  choose(said.dataset.turn, start, start + characters(text.trim()), text.trim());
});

document.addEventListener("input", (event) => {
  if (event.target.matches("form[data-stretch] input[name=words]")) { choose("", "", "", event.target.value); }
});

// The next mark is the one after the last that was chosen in this row, also when the row has been written anew since.
let chosen = { row: "", turn: -1, start: -1 };
document.addEventListener("focusin", (event) => {
  const mark = event.target.closest("mark[data-start]");
  if (mark) {
    chosen = { row: row(), turn: Number(mark.closest("[data-turn]").dataset.turn), start: Number(mark.dataset.start) };
  }
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-next-mark]")) { return; }
  const here = row() === chosen.row ? chosen : { turn: -1, start: -1 };
  const marks = [...document.querySelectorAll("mark[data-start]")];
  const later = marks.find((mark) => {
    const turn = Number(mark.closest("[data-turn]").dataset.turn);
    return turn > here.turn || (turn === here.turn && Number(mark.dataset.start) > here.start);
  });
  const next = later ?? marks[0];
  if (next) { next.focus(); next.scrollIntoView({ block: "center" }); }
});
