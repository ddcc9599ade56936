// What the browser adds to pages that work without it: keys, focus, announcements, drafts that are never lost.

const root = document.documentElement;
const find = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const words = (key, values = {}) =>
  (find("#words")?.dataset[key] ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

// ---------------------------------------------------------------- saying things

function announce(text) {
  const place = find("#announcer");
  if (!place || !text) return;
  place.textContent = "";
  setTimeout(() => { place.textContent = text; }, 50); // an unchanged text would not be read again
}

function passing(text, { retry, link } = {}) {
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
  if (focus) return takeFocus(focus);
  if (document.activeElement && document.activeElement !== document.body) return; // the person is elsewhere, or typing
  const heading = find("h1, h2, h3", place);
  if (heading) takeFocus(heading);
}

function takeFocus(element) {
  if (!element.matches("a[href], button, input, select, textarea, [tabindex]")) element.tabIndex = -1;
  element.focus({ preventScroll: element.getBoundingClientRect().top > 0 });
}

// ---------------------------------------------------------------- requests of htmx

const quiet = "[data-preview], #search, [data-quiet]";

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const { sourceElement: source, target } = ctx;
  if (ctx.sourceEvent?.target?.closest?.(quiet) || source?.closest?.(quiet)) return;
  if (source?.dataset.more) return; // below, once the rows are in
  settled(typeof target === "string" ? find(target) : target?.isConnected ? target : (target?.id && document.getElementById(target.id)));
});

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const rows = ctx.sourceElement?.dataset.more && document.getElementById(ctx.sourceElement.dataset.more);
  if (rows) ctx.rowsBefore = rows.children.length;
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const form = ctx.request?.form ?? ctx.sourceElement?.closest?.("form");
  free(form);
  if (form?.dataset?.autosave && ctx.request.method === "POST" && !ctx.sourceElement.matches(quiet) && ctx.response?.status < 400) localStorage.removeItem(draftKey(form));
  if (ctx.rowsBefore === undefined) return;
  const rows = typeof ctx.target === "string" ? find(ctx.target) : ctx.target;
  const first = rows?.children[ctx.rowsBefore];
  if (!first) return;
  announce(words("added", { count: rows.children.length - ctx.rowsBefore }));
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

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || form.method === "get" || form.dataset.download !== undefined) return;
  if (form.dataset.sending) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  form.dataset.sending = "yes";
  form.setAttribute("aria-busy", "true");
  setTimeout(() => { // after the browser has read the pressed button's value
    if (event.defaultPrevented && !form.matches("[data-hx-post], [hx-post]")) return free(form);
    all("button:not([type=button]):not(:disabled)", form).forEach((button) => { button.dataset.wasEnabled = "yes"; button.disabled = true; });
  });
}, true);

addEventListener("pageshow", () => all("form[data-sending]").forEach(free));

// ---------------------------------------------------------------- search as you type

const search = find("#search");
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

// ---------------------------------------------------------------- whether a search helped

const results = find("[data-search-results]");

if (results?.dataset.searchResults) {
  const q = results.dataset.searchResults;
  let told = false;
  const tell = (hit) => {
    told = true;
    navigator.sendBeacon?.("/search/clicks", new URLSearchParams({ q, hit }));
  };
  results.addEventListener("click", ({ target }) => {
    const link = target.closest("a[href]");
    if (link?.dataset.hit) tell(link.dataset.hit);
    else if (link?.href.includes("/search?")) told = true; // looking further is no sign either way
  });
  find(".tabs")?.addEventListener("click", () => { told = true; });
  addEventListener("pagehide", () => { if (!told) tell(""); });
}

// ---------------------------------------------------------------- keys

const places = { h: "home", k: "knowledge", q: "questions", e: "experiences", p: "people", c: "customers", d: "deals" };
let going = 0;

function goTo(letter) {
  if (letter === "n") return location.assign("/needs-me");
  const link = find(`.rail [data-go="${places[letter]}"]`);
  if (link) location.assign(link.href);
}

function step(by) {
  const items = all("[data-queue-item]");
  if (!items.length) return false;
  const at = items.findIndex((item) => item.classList.contains("is-chosen"));
  const next = items[Math.min(Math.max(at + by, 0), items.length - 1)];
  items.forEach((item) => item.classList.toggle("is-chosen", item === next));
  takeFocus(find("a[href]", next) ?? next);
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function score(key) {
  const rows = all("[data-rubric]");
  const row = document.activeElement?.closest("[data-rubric]") ?? rows.find((each) => !find(":checked", each)) ?? rows[0];
  const radio = row && find(`input[value="${key}"]`, row);
  if (!radio) return false;
  radio.click();
  const next = rows[rows.indexOf(row) + 1];
  (next ? find(":checked, input", next) : radio).focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const { target, key } = event;
  if (target.closest("textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox]), dialog[open]")) return;
  const act = () => {
    if (going && Date.now() - going < 1500) { going = 0; return goTo(key) ?? true; }
    going = 0;
    if (key === "/" && search) { search.focus(); search.select(); return true; }
    if (key === "?") { find("#keys")?.showModal(); return true; }
    if (key === "n" && find("#new-menu")) { find("#new-menu").showPopover(); find("#new-menu a").focus(); return true; }
    if (key === "g") { going = Date.now(); return true; }
    if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
    if (/^[0-5]$/.test(key)) return score(key);
    return false;
  };
  if (act()) event.preventDefault();
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

// ---------------------------------------------------------------- small things pressed

document.addEventListener("click", ({ target }) => {
  const opener = target.closest("[data-opens]");
  if (opener) {
    opener.closest("[popover]")?.hidePopover();
    document.getElementById(opener.dataset.opens)?.showModal();
  }
  if (target.closest("[data-rail-fold]")) {
    const narrow = root.dataset.rail !== "narrow";
    if (narrow) root.dataset.rail = "narrow"; else delete root.dataset.rail;
    document.cookie = `rail=${narrow ? "narrow" : "wide"}; path=/; max-age=31536000; samesite=lax`;
  }
  if (target.closest("[data-print]")) print();
  if (target.matches("dialog")) target.close(); // the backdrop
  const tool = target.closest("[data-mark], [data-line]");
  if (tool) format(tool);
});

if (document.cookie.includes("rail=narrow")) root.dataset.rail = "narrow";

function format({ dataset: { mark, line }, parentElement }) {
  const area = document.getElementById(parentElement.dataset.marksFor);
  const { selectionStart: start, selectionEnd: end, value } = area;
  const chosen = value.slice(start, end);
  area.focus();
  if (line) {
    const from = value.lastIndexOf("\n", start - 1) + 1;
    area.setSelectionRange(from, end);
    insert(area, value.slice(from, end).split("\n").map((each) => line + each).join("\n"));
  } else if (mark === "link") {
    insert(area, `[${chosen}](https://)`);
  } else {
    insert(area, mark + chosen + mark);
    if (!chosen) area.setSelectionRange(start + mark.length, start + mark.length);
  }
}

document.addEventListener("paste", async (event) => {
  const area = event.target.closest?.(".editor-text");
  const html = area && event.clipboardData.getData("text/html");
  if (!html || !/<(h[1-6]|table|ul|ol|li|strong|b|em|i|a)[\s>]|mso-list/i.test(html)) return;
  const plain = event.clipboardData.getData("text/plain");
  event.preventDefault();
  const text = await import("./paste.js").then(({ markdownOf }) => markdownOf(html)).catch(() => plain);
  area.focus();
  insert(area, text || plain);
});

function insert(area, text) {
  // execCommand keeps the browser's own undo; setRangeText is for browsers that lack it
  if (!document.execCommand?.("insertText", false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// ---------------------------------------------------------------- drafts: never lose a word

const draftKey = (form) => `draft:${document.body.dataset.person ?? ""}:${form.dataset.autosaveKey ?? form.dataset.autosave}`;
const fieldsOf = (form) => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));

function keepDrafts(form) {
  if (form.dataset.keeping) return;
  form.dataset.keeping = "yes";
  const key = draftKey(form);
  const state = find("[data-autosave-state]", form);
  let waiting, sending, submitted, changed = false, pause = 1000;
  const say = (text, kept = false) => { if (state) { state.textContent = text; state.classList.toggle("is-kept", kept); } };
  const store = (value) => { try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value); } catch { /* storage may be full or forbidden */ } };

  async function save() {
    if (!form.dataset.autosave) return say(words("here")); // nothing on the server to save it to yet
    if (sending) { changed = true; return; }
    sending = true;
    changed = false;
    const body = fieldsOf(form);
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { "HX-Request": "true", Accept: "text/html" } });
      if (!answer.ok || answer.redirected || answer.headers.has("HX-Redirect")) throw new Error(String(answer.status));
      refreshed(form, answer.headers.get("X-Version"), await answer.text());
      pause = 1000;
      if (!changed) {
        store(null);
        say(words("saved", { time: new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false }) }));
      }
    } catch {
      changed = true;
      pause = Math.min(pause * 2, 30000);
      say(words("kept"), true);
    } finally {
      sending = false;
      if (changed && form.isConnected) { clearTimeout(waiting); waiting = setTimeout(save, pause); }
    }
  }

  form.addEventListener("input", () => {
    store(JSON.stringify([...fieldsOf(form)]));
    say(words("saving"));
    clearTimeout(waiting);
    waiting = setTimeout(save, pause);
  });
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    submitted = true;
    sessionStorage.setItem("submitted", key);
  });
  addEventListener("pagehide", () => {
    if (form.dataset.autosave && !submitted && localStorage.getItem(key)) navigator.sendBeacon?.(form.dataset.autosave, fieldsOf(form));
  });

  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(key) ?? "null"); } catch { store(null); }
  if (kept && !find(".form-errors", form) && restore(form, kept)) {
    passing(words("restored"));
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function refreshed(form, version, text) {
  const field = form.elements.namedItem("version");
  if (version && field) field.value = version; // the next save goes on from this one
  for (const part of [...new DOMParser().parseFromString(text, "text/html").body.children]) {
    const old = part.id && document.getElementById(part.id);
    if (old && old.outerHTML !== part.outerHTML) old.replaceWith(part);
  }
}

function restore(form, kept) {
  let differs = false;
  for (const [name, value] of kept) {
    const field = form.elements.namedItem(name);
    if (!field || field.type === "hidden" || field instanceof RadioNodeList || ["checkbox", "radio"].includes(field.type)) continue;
    if (field.value !== value) { field.value = value; differs = true; }
  }
  return differs;
}

// A submitted draft is forgotten once the answer shows that the server has it: another page, or a success note.
function forgetSubmitted() {
  const key = sessionStorage.getItem("submitted");
  sessionStorage.removeItem("submitted");
  const refused = find(".error-page, .form-errors, .sign-in") || all("form[data-autosave]").some((form) => draftKey(form) === key);
  if (key && (!refused || find("#messages .note-success"))) localStorage.removeItem(key);
}

// ---------------------------------------------------------------- what new content needs

function prepare(place) {
  all("form[data-autosave]", place).forEach(keepDrafts);
  all(".editor-tools[hidden]", place).forEach((tools) => { tools.hidden = false; });
}

document.addEventListener("htmx:after:process", ({ target }) => prepare(target.parentElement ?? document));
forgetSubmitted();
prepare(document);

const summary = find("[data-focus]");
if (summary) takeFocus(summary);
