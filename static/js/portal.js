// What the browser adds to pages that work without it: keys, focus, announcements, suggestions. It is on every page and
// holds what the other modules use; those are named by the pages that need them.

export const find = (selector, from = document) => from.querySelector(selector);
export const all = (selector, from = document) => [...from.querySelectorAll(selector)];
export const words = (key, values = {}) =>
  (find("#words")?.dataset[key] ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

const root = document.documentElement;
const search = find("#search");

// ---------------------------------------------------------------- saying things

export function announce(text) {
  const place = find("#announcer");
  if (!place || !text) return;
  place.textContent = "";
  setTimeout(() => { place.textContent = text; }, 50); // an unchanged text would not be read again
}

export function passing(text, { retry, link } = {}) {
  const note = document.createElement("div");
  note.className = "passing-note";
  note.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (link) note.append(Object.assign(document.createElement("a"), { ...link, target: "_blank", rel: "noopener" }));
  const button = (label, act) => {
    const made = Object.assign(document.createElement("button"), { type: "button", textContent: label });
    made.addEventListener("click", () => { note.remove(); act?.(); });
    note.append(made);
  };
  if (retry) button(words("retry"), retry);
  button(words("close"));
  find("#passing")?.replaceChildren(note);
  if (!retry && !link) setTimeout(() => note.remove(), 12000);
}

function settled(place) {
  if (!place?.isConnected) return;
  const message = place.matches("[data-announce]") ? place : find("[data-announce]", place);
  if (message) announce(message.dataset.announce || message.textContent.trim());
  const focus = place.matches("[data-focus]") ? place : find("[data-focus]", place);
  if (focus) return lead(focus, place);
  if (document.activeElement && document.activeElement !== document.body) return; // the person is elsewhere, or typing
  const wrong = find("[aria-invalid=true]", place);
  takeFocus(wrong ? unfolded(wrong) : find("h1, h2, h3", place) ?? place); // what had the focus is gone
}

// Of mistakes, all are said, and the first wrong field has the focus.
function lead(element, place) {
  const wrong = element.matches(".form-errors") && find("[aria-invalid=true]", place);
  if (!wrong) return takeFocus(element);
  announce(element.innerText);
  takeFocus(unfolded(wrong));
}

function unfolded(element) {
  const fold = element.closest("details");
  if (fold) fold.open = true;
  return element;
}

export function takeFocus(element) {
  if (!element.matches("a[href], button, input, select, textarea, [tabindex]")) element.tabIndex = -1;
  const { top } = element.getBoundingClientRect();
  element.focus({ preventScroll: top > 0 && top < innerHeight - 120 }); // on a phone a bar covers what stands lowest
}

// ---------------------------------------------------------------- requests of htmx

export const quiet = "[data-preview], #search, [data-quiet]";
const againAndAgain = '[data-hx-trigger^="every"]';

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const { sourceElement: source } = ctx;
  if (ctx.isQuiet || ctx.sourceEvent?.target?.closest?.(quiet)) return;
  if (source?.dataset.more) return; // below, once the rows are in
  const place = placeAfter(ctx);
  if (ctx.isAskedAgain && place?.matches(againAndAgain)) { // it goes on: its end is what one waits for
    return ctx.focused && document.getElementById(ctx.focused)?.focus({ preventScroll: true });
  }
  settled(place);
});

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  ctx.focused = document.activeElement?.id;
  const { parentElement, previousElementSibling } = ctx.target?.parentElement ? ctx.target : {};
  ctx.next = () => (previousElementSibling ? previousElementSibling.nextElementSibling : parentElement?.firstElementChild);
});

// What was put where the target stood: the target itself, what has its name now, or what lies there.
function placeAfter({ target, next }) {
  if (typeof target === "string") return find(target);
  return target?.isConnected ? target : (target?.id && document.getElementById(target.id)) || next();
}

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  // what nobody asked for leads nobody away from what they read or write; once it is swapped, the new stands for who asked
  ctx.isQuiet = Boolean(ctx.sourceElement?.closest?.(quiet));
  if (ctx.isQuiet) ctx.request.headers["X-Quiet"] = "1";
  ctx.isAskedAgain = Boolean(ctx.sourceElement?.matches?.(againAndAgain));
  if (ctx.sourceElement?.matches?.("a, button")) ctx.sourceElement.ariaBusy = "true"; // a form is busy since its submit
  const rows = ctx.sourceElement?.dataset.more && document.getElementById(ctx.sourceElement.dataset.more);
  if (rows) ctx.rowsBefore = rows.children.length;
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  free(ctx.request?.form ?? ctx.sourceElement?.closest?.("form"));
  if (ctx.sourceElement?.matches?.("a, button")) ctx.sourceElement.ariaBusy = null;
  if (ctx.rowsBefore === undefined) return;
  const rows = typeof ctx.target === "string" ? find(ctx.target) : ctx.target;
  const first = rows?.children[ctx.rowsBefore];
  if (!first) return;
  announce(words("added", { count: rows.children.length - ctx.rowsBefore }));
  if ("list" in document.body.dataset) onePieceMore();
  const link = find("a[href], button", first);
  if (link) takeFocus(link);
});

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  const { status } = ctx.response;
  if ([409, 413, 422].includes(status)) return; // the answer itself says what to do
  if (status === 401) return passing(words("expired"), { link: { href: "/sign-in", textContent: words("signIn") } });
  passing(words(status === 429 ? "busy" : status >= 500 ? "failed" : "refused"));
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (!ctx?.request || ctx.response || ctx.sourceElement?.matches?.(quiet)) return;
  const again = ctx.sourceElement;
  passing(words("lost"), { retry: () => (again.matches("form") ? again.requestSubmit() : again.click()) });
});

// ---------------------------------------------------------------- a form is sent once

function free(form) {
  if (!form?.dataset?.sending) return;
  delete form.dataset.sending;
  form.removeAttribute("aria-busy");
  all("[data-was-enabled]", form).forEach((button) => { button.disabled = false; delete button.dataset.wasEnabled; });
}

// Without a network the browser would put its own page in place of this one. A computer that says it has none may
// still reach the portal, which runs on it or beside it: it is asked.
const reached = new WeakSet();
async function sendOnceReached(form, button) {
  const again = () => form.requestSubmit(button);
  try { await fetch(import.meta.url, { method: "HEAD", cache: "no-store" }); } catch { return passing(words("lost"), { retry: again }); }
  reached.add(form);
  if (form.isConnected) again();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || form.method === "get" || form.dataset.download !== undefined) return;
  const isReached = reached.delete(form);
  if (form.dataset.sending) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  if (!isReached && !navigator.onLine && !form.matches("[data-hx-post], [hx-post]")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return sendOnceReached(form, event.submitter);
  }
  form.dataset.sending = "yes";
  form.setAttribute("aria-busy", "true");
  setTimeout(() => { // after the browser has read the pressed button's value
    if (event.defaultPrevented && !form.matches("[data-hx-post], [hx-post]")) return free(form);
    all("button:not([type=button]):not(:disabled)", form).forEach((button) => { button.dataset.wasEnabled = "yes"; button.disabled = true; });
  });
}, true);

addEventListener("pageshow", () => all("form[data-sending]").forEach(free));

// ---------------------------------------------------------------- the rest of a page's actions, on a phone

document.addEventListener("click", ({ target }) => {
  const more = target.closest?.(".more-actions");
  more?.setAttribute("aria-expanded", String(more.ariaExpanded !== "true"));
});

// ---------------------------------------------------------------- cards of a list on a phone say nothing of what is not there

const hollow = (place) =>
  all(".data td", place).forEach((cell) => cell.classList.toggle("is-none", cell.textContent.trim() === "—"));

document.addEventListener("htmx:after:process", ({ target }) => hollow(target.parentElement ?? document));
hollow(document);

// ---------------------------------------------------------------- search as you type

const panel = find("#search-panel");

if (search && panel) {
  const options = () => all("[role=option]", panel);
  const open = (shown) => {
    panel.hidden = !shown;
    search.setAttribute("aria-expanded", String(shown));
    if (!shown) choose(null);
  };
  const choose = (option) => {
    options().forEach((each) => each.setAttribute("aria-selected", String(each === option)));
    if (!option) return search.removeAttribute("aria-activedescendant");
    option.id ||= `suggestion-${options().indexOf(option)}`;
    search.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  panel.addEventListener("htmx:after:settle", () => {
    const count = options().length;
    open(count > 0 && document.activeElement === search);
    if (search.value.trim()) announce(count ? words("results", { count }) : words("none"));
  });
  search.addEventListener("input", () => { if (!search.value.trim()) open(false); });
  search.addEventListener("focus", () => { if (options().length && search.value.trim()) open(true); });
  search.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // Enter and arrows belong to the input method
    const listed = options();
    const at = listed.findIndex((each) => each.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!listed.length) return;
      event.preventDefault();
      if (panel.hidden) open(true);
      choose(listed[(at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1) + listed.length) % listed.length]);
    } else if (event.key === "Enter" && at >= 0 && !panel.hidden) {
      event.preventDefault();
      listed[at].click();
    } else if (event.key === "Escape") {
      if (!panel.hidden) { event.preventDefault(); open(false); } else search.blur();
    }
  });
  document.addEventListener("pointerdown", ({ target }) => { if (!target.closest(".topbar-search")) open(false); });
  find(".topbar-search").addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !relatedTarget.closest(".topbar-search")) open(false);
  });
  all("[data-focus-search]").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    search.focus();
  }));
}

// ---------------------------------------------------------------- keys

// Calls `act` with a key pressed outside of fields and dialogs; true says that it is used up.
export function onKey(act) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const fields = "textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox]), dialog[open]";
    if (!event.target.closest(fields) && act(event.key)) event.preventDefault();
  });
}

const places = { h: "home", k: "knowledge", q: "questions", e: "experiences", p: "people", c: "customers", d: "deals" };
let going = 0;

function goTo(letter) {
  if (letter === "n") return location.assign("/needs-me");
  const link = find(`.rail [data-go="${places[letter]}"]`);
  if (link) location.assign(link.href);
}

onKey((key) => {
  if (going && Date.now() - going < 1500) { going = 0; return goTo(key) ?? true; }
  going = 0;
  if (key === "/" && search) { search.focus(); search.select(); return true; }
  if (key === "?") { find("#keys")?.showModal(); return true; }
  if (key === "n" && find("#new-menu")) { find("#new-menu").showPopover(); find("#new-menu a").focus(); return true; }
  if (key === "g") { going = Date.now(); return true; }
  return false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("main form[method=post]");
  const main = form && find("button.btn-primary", form);
  if (!main) return;
  event.preventDefault();
  main.click();
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu[popover]");
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const items = all("a, button", menu);
  const at = items.indexOf(document.activeElement);
  items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]?.focus();
  event.preventDefault();
});

// ---------------------------------------------------------------- the frame

document.addEventListener("click", ({ target }) => {
  const opener = target.closest("[data-opens]");
  if (opener) {
    opener.closest("[popover]")?.hidePopover();
    document.getElementById(opener.dataset.opens)?.showModal();
  }
  if (target.closest("[data-rail-fold]")) {
    const narrow = root.dataset.rail !== "narrow";
    if (narrow) root.dataset.rail = "narrow"; else delete root.dataset.rail;
    const [prefix, secure] = location.protocol === "https:" ? ["__Host-", "; secure"] : ["", ""]; // as web.py names them
    document.cookie = `${prefix}rail=${narrow ? "narrow" : "wide"}; path=/; max-age=31536000; samesite=lax${secure}`;
  }
  if (target.closest("[data-print]")) print();
  if (target.matches("dialog")) target.close(); // the backdrop
});

if (document.cookie.includes("rail=narrow")) root.dataset.rail = "narrow";

// ---------------------------------------------------------------- rows that are chosen

const picks = () => all('input[name=id][form="selection"]');
all("[data-pick-all]").forEach((each) => { each.hidden = false; });

document.addEventListener("change", ({ target }) => {
  const every = find("[data-pick-all] input");
  if (!every) return;
  if (target === every) picks().forEach((box) => { box.checked = every.checked; });
  else if (target.matches('[form="selection"]')) every.checked = picks().every((box) => box.checked);
  else return;
  announce(words("chosen", { count: picks().filter((box) => box.checked).length }));
});

// ---------------------------------------------------------------- a list comes back as it was left

// Its address says filters, order and how many pieces are open. This tab, and no other, knows by which row it was left.
const here = () => location.pathname + location.search;
const placeOf = (path) => `list:${document.body.dataset.person}:${path}`;
const kept = (name) => { try { return JSON.parse(sessionStorage.getItem(name) ?? "null"); } catch { return null; } };
const keep = (name, value) => { try { sessionStorage.setItem(name, JSON.stringify(value)); } catch { /* storage may be forbidden */ } };

const numberOf = (link) => [...find("#rows").children].indexOf(link.closest("#rows > *"));

function returned({ row, number = 0, top }) { // to the row one left by; is it gone, to what stands in its place
  const near = (link) => Math.abs(numberOf(link) - number);
  const same = all("#rows a[href]").filter((each) => each.getAttribute("href") === row);
  const lines = find("#rows")?.children ?? [];
  const link = same.sort((one, other) => near(one) - near(other))[0] ?? (lines.length && find("a[href]", lines[Math.min(number, lines.length - 1)]));
  if (!link) return;
  if (top === undefined) link.scrollIntoView({ block: "center", behavior: "instant" });
  else scrollBy({ top: link.getBoundingClientRect().top - top, behavior: "instant" });
  link.focus({ preventScroll: true });
}

function keepPlace() {
  const place = placeOf(location.pathname), before = kept(place), passing = document.body.dataset.list;
  const left = before?.href === here() ? before.left : undefined;
  keep(place, { href: here(), left, passing });
  if (back?.href === here()) returned(left ?? { row: back.from });
  else if (performance.getEntriesByType("navigation")[0]?.type === "back_forward" && history.state?.left) returned(history.state.left);
  addEventListener("pageshow", (event) => { if (event.persisted) keep(place, { href: here(), left: history.state?.left, passing }); });
  document.addEventListener("click", ({ target }) => {
    const link = target.closest?.("#rows a[href]");
    if (!link) return;
    const by = { row: link.getAttribute("href"), number: numberOf(link), top: link.getBoundingClientRect().top };
    history.replaceState({ ...history.state, left: by }, "");
    keep(place, { href: here(), left: by, passing });
  }, true);
  document.addEventListener("submit", ({ target }) => { if (target.id === "selection") find("[name=next]", target).value = here(); }, true);
}

function onePieceMore() {
  const address = new URL(location);
  address.searchParams.set("pieces", (Number(address.searchParams.get("pieces")) || 1) + 1);
  history.replaceState(history.state, "", address);
  keep(placeOf(location.pathname), { href: here(), passing: document.body.dataset.list });
}

const back = kept("returning");
if (back) keep("returning", null);
if ("list" in document.body.dataset) keepPlace();

all(".page-over a, .form-actions a").forEach((link) => {
  const list = kept(placeOf(link.pathname));
  if (list) link.href = list.href;
  link.addEventListener("click", () => keep("returning", { href: link.pathname + link.search, from: location.pathname }));
});

all("a[data-as-left]").forEach((link) => { // what was searched, how far one read, what another page led to is of that moment
  const list = kept(placeOf(link.pathname));
  if (!list) return;
  const address = new URL(list.href, location);
  ["q", "after", "pieces", ...(list.passing?.split(" ") ?? [])].forEach((name) => address.searchParams.delete(name));
  link.setAttribute("href", address.pathname + address.search);
});

// ---------------------------------------------------------------- what is typed

// What is typed is kept by a module that comes once there is a form to type into, or something that was kept or sent.
const typed = "main form[method=post] :is(textarea, input:not([type=hidden], [type=radio], [type=checkbox], [type=file]))";
function land() { // where what was sent has led is noted at once: its person may be gone before the module is here
  const sent = JSON.parse(sessionStorage.getItem("sent") ?? "null");
  const moved = document.referrer && performance.getEntriesByType("navigation")[0]?.type === "navigate";
  if (!sent || sent.landed || !moved || !document.body.dataset.person || "refused" in document.body.dataset) return;
  sent.keys.forEach((key) => localStorage.removeItem(key));
  sent.landed = location.pathname + location.search + location.hash;
  sessionStorage.setItem("sent", JSON.stringify(sent));
}
try { land(); } catch { /* storage may be forbidden */ }
function keepsDrafts() {
  try { return sessionStorage.getItem("sent") || Object.keys(localStorage).some((key) => /^(draft|handed):/.test(key)); } catch { return false; }
}
function wantDrafts() {
  if (document.body.dataset.person && (find(typed) || keepsDrafts())) import("./drafts.js");
}
document.addEventListener("htmx:after:process", wantDrafts);
wantDrafts();

// What came of what one did is said, and the way on from there begins beside it: at its Undo, if it has one.
const summary = find("[data-focus]"), told = find("#messages .note");
if (told) told.parentElement.append(...told.parentElement.children); // what a page begins with would not be read
if (summary) lead(summary, document);
else if (told && [null, document.body].includes(document.activeElement)) {
  told.tabIndex = -1;
  told.focus({ preventScroll: true });
}
