// In a text: `/` offers blocks, `@` people, `#` topics, `[[` what is written, sold and taught. What is chosen becomes
// plain Markdown, as if it had been typed. Loaded once somebody types such a sign.

import { all, announce, find, words } from "./portal.js";

const SIGNS = [ // with the signs that a Chinese keyboard gives in their place
  ["block", /(?:^|\n)[ \t]*([/／、]([\p{L}\p{N}]{0,20}))$/u],
  ["person", /(?:^|[^\w.@＠/])([@＠]([\p{L}\p{N}·]{1,30}))$/u],
  ["topic", /(?:^|[^\w&/#＃])([#＃]([\p{L}\p{N}]{1,30}))$/u],
  ["record", /((?:\[\[|【【)([^\n[\]【】]{1,60}))$/u],
];
const PAUSE = 150;
let open = null; // the list that is open, with the text it belongs to and where its sign stands
let left = ""; // a sign that was passed over by Escape
let put = null, waiting = 0, asked = 0;

function signAt(area) {
  if (area.selectionStart !== area.selectionEnd) return null;
  const before = area.value.slice(0, area.selectionStart);
  for (const [sort, sign] of SIGNS) {
    const [, typed, name] = sign.exec(before.slice(-200)) ?? [];
    if (typed) return { sort, name, from: before.length - typed.length, to: before.length };
  }
  return null;
}

export function offer(area, insert) {
  put = insert;
  clearTimeout(waiting);
  const at = signAt(area), number = (asked += 1);
  const mark = at && `${area.id}:${at.from}`;
  if (mark !== left) left = "";
  if (!at || left) return close();
  waiting = setTimeout(async () => {
    const list = await asking(at).catch(() => null); // without a network one writes on
    if (number !== asked || !area.isConnected || document.activeElement !== area) return;
    if (!list || !find("[role=option]", list)) return close();
    show(area, at, list);
  }, PAUSE);
}

async function asking({ sort, name }) {
  const answer = await fetch(`/search/offers?${new URLSearchParams({ of: sort, q: name })}`, {
    headers: { "HX-Request": "true", "X-Quiet": "1", Accept: "text/html" }, signal: AbortSignal.timeout(8000),
  });
  if (!answer.ok || answer.redirected) return null;
  return find("#offers", new DOMParser().parseFromString(await answer.text(), "text/html"));
}

function show(area, at, list) {
  close();
  open = { area, at, list: document.importNode(list, true) };
  area.closest(".field").append(open.list);
  place(open);
  area.setAttribute("aria-controls", "offers");
  area.setAttribute("aria-haspopup", "listbox");
  area.setAttribute("aria-autocomplete", "list");
  open.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the text keeps the focus
  open.list.addEventListener("click", ({ target }) => { const option = target.closest("[role=option]"); if (option) take(option); });
  const options = all("[role=option]", open.list);
  choose(options[0]);
  announce(words("results", { count: options.length }));
}

function close() {
  if (!open) return;
  const { area, list } = open;
  list.remove();
  ["aria-controls", "aria-haspopup", "aria-autocomplete", "aria-activedescendant"].forEach((name) => area.removeAttribute(name));
  open = null;
}

function choose(option) {
  all("[role=option]", open.list).forEach((each) => each.setAttribute("aria-selected", String(each === option)));
  open.area.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function take({ dataset: { written, behind } }) {
  const { area, at } = open;
  close();
  area.focus();
  area.setSelectionRange(at.from, at.to);
  put(area, written);
  const caret = at.from + written.length - Number(behind);
  area.setSelectionRange(caret, caret);
}

// Under the line of the sign: where that is, a copy of the text up to there tells, set as the text is.
function place({ area, at, list }) {
  const copy = document.createElement("div"), sign = document.createElement("span"), style = getComputedStyle(area);
  for (const name of ["font", "letterSpacing", "lineHeight", "padding", "border", "boxSizing", "tabSize"]) copy.style[name] = style[name];
  Object.assign(copy.style, { position: "absolute", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word", width: `${area.clientWidth}px` });
  copy.textContent = area.value.slice(0, at.from);
  sign.textContent = area.value.slice(at.from, at.to);
  copy.append(sign);
  document.body.append(copy);
  const { offsetTop, offsetLeft, offsetHeight } = sign;
  copy.remove();
  const field = area.closest(".field").getBoundingClientRect(), text = area.getBoundingClientRect();
  const most = Math.max(0, field.width - list.offsetWidth);
  list.style.insetInlineStart = `${Math.min(most, text.left - field.left + offsetLeft)}px`;
  list.style.insetBlockStart = `${text.top - field.top + Math.min(offsetTop - area.scrollTop, text.height) + offsetHeight + 4}px`;
}

document.addEventListener("keydown", (event) => {
  if (!open || event.target !== open.area || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const listed = all("[role=option]", open.list), now = listed.findIndex((each) => each.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") choose(listed[(now + (event.key === "ArrowDown" ? 1 : -1) + listed.length) % listed.length]);
  else if (event.key === "Enter") take(listed[now]);
  else if (event.key === "Escape") { left = `${open.area.id}:${open.at.from}`; close(); }
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
document.addEventListener("focusout", ({ target }) => { if (target === open?.area) close(); });
document.addEventListener("selectionchange", () => { // the caret went elsewhere
  if (!open || document.activeElement !== open.area) return;
  const { selectionStart: caret } = open.area;
  if (caret < open.at.from || caret > open.at.to + 1) close();
});
