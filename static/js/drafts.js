// What is typed into a form stays on this device until the server has it: a form is kept unless it says data-unkept.
// Each page that writes has an entry of its own, so that two tabs never write over each other.

import { all, announce, find, passing, words } from "./portal.js";

const me = document.body.dataset.person;
const AGE = 30 * 864e5, LONGEST = 200_000, MOST = 60;
const states = new WeakMap();
const lastSent = new Map(); // by the form's place: a refused form goes on with the entry that it had

// ---------------------------------------------------------------- what is stored

const ours = () => Object.keys(localStorage).filter((key) => key.startsWith("draft:") || key.startsWith("handed:"));
function load(key) { try { return JSON.parse(localStorage.getItem(key) ?? "null"); } catch { return null; } }
function store(key, value) {
  const text = JSON.stringify(value);
  if (text.length > LONGEST) return false;
  try { localStorage.setItem(key, text); return true; } catch { return false; } // storage may be full or forbidden
}
const tab = (() => {
  try {
    if (!sessionStorage.getItem("tab")) sessionStorage.setItem("tab", Math.random().toString(36).slice(2));
    return sessionStorage.getItem("tab");
  } catch { return ""; }
})();
const drop = (key) => localStorage.removeItem(key);
const prefix = (place) => `draft:${me}:${place}#`;
const entriesAt = (place) => ours().filter((key) => key.startsWith(prefix(place)))
  .map((key) => ({ key, ...load(key) })).filter(({ fields }) => fields).sort((a, b) => b.at - a.at);

function sweep() {
  const dated = [];
  for (const key of ours()) {
    if (!key.startsWith(`draft:${me}:`) && key !== `handed:${me}`) drop(key); // somebody else was here before
    else if (key !== `handed:${me}`) dated.push([load(key)?.at ?? Date.now(), key]);
  }
  dated.sort(([a], [b]) => b - a).forEach(([at, key], place) => { if (place >= MOST || at < Date.now() - AGE) drop(key); });
}

// ---------------------------------------------------------------- a form's fields

const TEXT = "textarea, input:not([type]), " + ["text", "email", "tel", "url", "number", "date", "datetime-local", "time", "month"]
  .map((type) => `input[type=${type}]`).join(", ");
const TYPED = `${TEXT}, select, input[type=checkbox], input[type=radio]`;
const SECRET = "input[type=password], [autocomplete=one-time-code]";
const fieldsOf = (form) => [...form.elements].filter((field) =>
  field.name && field.matches(TYPED) && !field.name.startsWith("take-") && !field.closest("[data-unkept]"));
const isKept = (form) => form.getAttribute("method") === "post" && form.closest("main") && !form.closest("[data-unkept]")
  && !find(SECRET, form) && fieldsOf(form).some((field) => field.matches(TEXT));
const sentTo = (form) => new URL(form.getAttribute("action") || location.href, location.href).pathname;
const placeOf = (form) => form.dataset.place ?? sentTo(form); // what was begun lies elsewhere than where it is sent
const hidden = (form, name) => find(`input[type=hidden][name=${name}]`, form);
const idOf = (form) => `${placeOf(form)}|${hidden(form, "key")?.value ?? ""}|${hidden(form, "version")?.value ?? ""}`;

export function read(form, begun = false) {
  const found = {};
  for (const field of fieldsOf(form)) {
    const list = (found[field.name] ??= []);
    if (field.matches("[type=checkbox], [type=radio]")) {
      if (begun ? field.defaultChecked : field.checked) list.push(field.value);
    } else if (field.matches("select")) {
      const chosen = [...field.options].filter((option) => (begun ? option.defaultSelected : option.selected));
      if (!chosen.length && !field.multiple && field.options.length) chosen.push(field.options[0]);
      list.push(...chosen.map((option) => option.value));
    } else list.push(begun ? field.defaultValue : field.value);
  }
  return found;
}
const savesItself = (form) => "autosave" in form.dataset;
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export function put(form, name, values) {
  const left = [...values];
  for (const field of fieldsOf(form).filter((each) => each.name === name)) {
    if (field.matches("[type=checkbox], [type=radio]")) field.checked = values.includes(field.value);
    else if (field.matches("select")) [...field.options].forEach((option) => { option.selected = values.includes(option.value); });
    else field.value = left.shift() ?? "";
    const fold = field.closest("details");
    if (fold) fold.open = true;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// ---------------------------------------------------------------- keeping

function save(form) {
  const state = states.get(form);
  clearTimeout(state.waiting);
  const now = read(form);
  const changed = { ...state.before };
  for (const name of Object.keys(now)) if (name in state.before || !same(now[name], state.begun[name])) changed[name] = now[name];
  if (!Object.keys(changed).length) return drop(state.key);
  const carried = Object.fromEntries(["key", "version", "begun", "number"].map((name) => [name, hidden(form, name)?.value]));
  const kept = store(state.key, { at: Date.now(), tab, fields: changed, carried });
  const says = find("[data-autosave-state]", form);
  if (says && kept && !savesItself(form) && says.textContent !== words("here")) says.textContent = words("here");
}

const freshAt = (place) => `${prefix(place)}${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
function keep(form) {
  if (states.has(form) || !isKept(form)) return;
  const place = placeOf(form), sent = lastSent.get(place);
  const state = { key: sent ?? freshAt(place), begun: read(form, true), before: (sent && load(sent)?.fields) || {}, taken: [] };
  lastSent.delete(place);
  states.set(form, state);
  const later = () => { clearTimeout(state.waiting); state.waiting = setTimeout(() => save(form), 250); };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", (event) => sending(form, event));
  if (wasHandedIn(form)) return;
  offer(form);
  if (!same(read(form), state.begun)) later(); // typed before this module had come
}

// Of a form that saves itself: what is not on the server yet, and what has got there.
export const unsaved = (form) => states.has(form) && !form.hidden && !same({ ...read(form), ...states.get(form).before }, states.get(form).begun);
// It has a place on the server now: what does not get there is offered where its person goes on with it.
export function liesAt(form, place) {
  const state = states.get(form);
  if (!state || placeOf(form) === place) return;
  drop(state.key);
  form.dataset.place = place;
  state.key = freshAt(place);
}
export function reached(form, fields) {
  const state = states.get(form);
  if (!state) return;
  Object.assign(state, { begun: { ...state.begun, ...fields }, before: {} });
  state.taken.splice(0).forEach(drop);
  save(form);
}

addEventListener("pagehide", () => all("form").forEach((form) => states.get(form)?.waiting && !states.get(form).sent && save(form)));

// ---------------------------------------------------------------- offering what was begun

function bar(form, title) {
  const made = Object.assign(document.createElement("div"), { className: "note note-info draft-offer" });
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", title);
  const inner = document.createElement("div");
  inner.append(Object.assign(document.createElement("strong"), { textContent: title }));
  made.append(inner);
  states.get(form).bar?.remove();
  states.get(form).bar = made;
  let place = form;
  for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) if (!fold.open) place = fold;
  place.before(made); // what is folded away offers nothing
  announce(title);
  return inner;
}
function button(place, label, act, kind = "quiet") {
  const made = Object.assign(document.createElement("button"), { type: "button", className: `btn btn-${kind}`, textContent: label });
  made.addEventListener("click", act);
  place.append(made);
  return made;
}
function buttons(place) {
  const row = Object.assign(document.createElement("div"), { className: "row-actions" });
  place.append(row);
  return row;
}
function paragraph(place, text) {
  if (text) place.append(Object.assign(document.createElement("p"), { className: "draft-words", textContent: text }));
}
const when = (at) => new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short", hour12: false });
const shown = (text) => (text.length > 90 ? `${text.slice(0, 90)}…` : text);
const quoted = (form, fields) => {
  const texts = fieldsOf(form).filter((field) => field.matches(TEXT) && fields[field.name]?.[0]).map((field) => fields[field.name][0]);
  return texts.length ? `“${shown(texts.sort((a, b) => b.length - a.length)[0])}”` : "";
};
const labelOf = (form, name) => {
  const field = fieldsOf(form).find((each) => each.name === name);
  return (field?.closest("fieldset") && find("legend", field.closest("fieldset"))) || field?.labels?.[0];
};

function offer(form) {
  const state = states.get(form), now = read(form);
  const known = (entry) => Object.keys(entry.fields).some((name) => now[name] && !same(now[name], entry.fields[name]));
  let entries = entriesAt(placeOf(form)).filter((entry) => entry.key !== state.key);
  if (savesItself(form)) entries.filter((entry) => !known(entry)).forEach(({ key }) => drop(key)); // it is there already
  entries = entries.filter(known);
  const own = savesItself(form) && tab ? entries.filter((entry) => entry.tab === tab) : [];
  if (own.length) {
    entries = entries.filter((entry) => !own.includes(entry));
    takeUp(form, own, false);
    passing(words("restored"));
  }
  if (!entries.length || states.get(form).bar?.isConnected) return;
  const inner = bar(form, words("begun", { time: when(entries[0].at) }));
  paragraph(inner, quoted(form, entries[0].fields));
  const row = buttons(inner);
  button(row, words("takeUp"), () => takeUp(form, entries), "primary");
  button(row, words("throwAway"), () => {
    entries.forEach(({ key }) => drop(key));
    const gone = buttons(bar(form, words("thrown")));
    button(gone, words("undo"), () => {
      entries.forEach(({ key, ...entry }) => store(key, entry));
      state.bar.remove();
      offer(form);
    }).focus();
  });
}

function takeUp(form, entries, asked = true) {
  const state = states.get(form), now = read(form), merged = {}, others = [];
  for (const [name, value] of Object.entries(now)) if (!same(value, state.begun[name])) merged[name] = value; // typed just now
  for (const { key, fields } of entries) {
    let whole = true;
    for (const [name, value] of Object.entries(fields)) {
      if (!now[name]) continue; // of a longer form at the same place
      if (!(name in merged)) merged[name] = value;
      else if (!same(merged[name], value)) { others.push([name, value]); whole = false; }
    }
    state.taken.push(key);
    if (whole) drop(key);
  }
  const oldest = entries.at(-1).carried ?? {}, newest = entries[0].carried ?? {};
  const carried = { version: oldest.version, begun: oldest.begun, number: oldest.number, key: newest.key };
  for (const name of ["version", "begun", "number", "key"]) if (carried[name] && hidden(form, name)) hidden(form, name).value = carried[name];
  Object.entries(merged).forEach(([name, value]) => put(form, name, value));
  save(form);
  state.bar?.remove();
  if (others.length) return choose(form, others);
  const first = fieldsOf(form).find((field) => field.name in merged && field.matches(TEXT));
  if (asked) first?.focus();
}

// Two tabs wrote different words into one field: both are there until one of them is handed in.
function choose(form, others) {
  const inner = bar(form, words("both"));
  for (const [name, value] of others) {
    let other = value;
    const label = `${labelOf(form, name)?.firstChild?.textContent.trim() ?? name}${words("colon")}`;
    const line = Object.assign(document.createElement("p"), { className: "draft-words", textContent: label + shown(other.join(", ")) });
    inner.append(line);
    button(buttons(inner), words("useThis"), () => {
      const held = read(form)[name];
      put(form, name, other);
      other = held;
      line.textContent = label + shown(other.join(", "));
    }, "secondary");
  }
  find("button", inner).focus();
}

// ---------------------------------------------------------------- handed in

function remember(id, url) {
  const list = (load(`handed:${me}`) ?? []).filter((each) => each.at > Date.now() - AGE && each.id !== id);
  store(`handed:${me}`, [{ id, url, at: Date.now() }, ...list].slice(0, 40));
}

function wasHandedIn(form) {
  const state = history.state?.sent, back = state?.place === placeOf(form) ? state : null;
  const key = hidden(form, "key"); // a form without one is known as the same only on the page that one went back to
  if (savesItself(form)) form.hidden = false;
  const done = (load(`handed:${me}`) ?? []).find(({ id }) => id === back?.id || (key && id === idOf(form)));
  if (!done) return false;
  const again = () => { // the browser put its words into it again: it is the same form
    if (key && back?.key && !same(read(form), read(form, true))) key.value = back.key;
  };
  again();
  addEventListener("pageshow", () => setTimeout(again), { once: true });
  const row = buttons(bar(form, words("handedIn", { time: when(done.at) })));
  const link = (label, href, kind) => row.append(Object.assign(document.createElement("a"), { href, className: `btn btn-${kind}`, textContent: label }));
  link(words("openIt"), done.url, "primary");
  if (savesItself(form)) form.hidden = true; // what is typed into it would be taken nowhere
  if (key) link(words("another"), form.dataset.place ? sentTo(form) : location.pathname + location.search, "quiet");
  return true;
}

function sending(form, event) {
  const swaps = form.matches("[data-hx-post], [hx-post]");
  if (event.defaultPrevented && !swaps) return; // htmx prevents what it sends itself
  const state = states.get(form), place = placeOf(form);
  save(form);
  state.sent = true;
  const id = idOf(form);
  const keys = [state.key, ...state.taken], itself = savesItself(form);
  const saved = itself && form.dataset.autosaveHands && event.submitter?.name !== form.dataset.autosaveHands;
  const sent = { keys, own: state.key, place, id, itself, saved, page: location.pathname, fields: read(form) };
  if (swaps) { state.pending = sent; lastSent.set(place, state.key); return; }
  sessionStorage.setItem("sent", JSON.stringify(sent));
  history.replaceState({ ...history.state, sent: { id, place, key: hidden(form, "key")?.value } }, "");
}

function taken(sent, url) {
  sent.keys.forEach(drop);
  const within = (fields) => Object.entries(fields).every(([name, value]) => same(sent.fields[name], value));
  entriesAt(sent.place).filter(({ fields }) => within(fields)).forEach(({ key }) => drop(key)); // the same words in another tab
  if (!sent.saved && (!sent.itself || new URL(url, location).pathname !== sent.place)) remember(sent.id, url); // a draft that is saved is not handed in
}

function settle() {
  let sent = null;
  try { sent = JSON.parse(sessionStorage.getItem("sent") ?? "null"); } catch { /* not ours */ }
  if (!sent) return;
  if (sent.landed) { sessionStorage.removeItem("sent"); return taken(sent, sent.landed); }
  const again = all("form").some((form) => (sent.itself ? placeOf(form) === sent.place : idOf(form) === sent.id));
  if ("refused" in document.body.dataset && !again && !find(".error-page")) return; // asked who they are first: it is sent on from there
  sessionStorage.removeItem("sent");
  if ("refused" in document.body.dataset || again) lastSent.set(sent.place, sent.own);
}

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const form = ctx.request?.form ?? ctx.sourceElement?.closest?.("form");
  const state = form && states.get(form);
  if (!state?.pending || ctx.request.method !== "POST") return;
  if (ctx.response?.status < 400) { taken(state.pending, location.pathname + location.search); lastSent.delete(state.pending.place); }
  else state.sent = false;
  state.pending = null;
});

// ---------------------------------------------------------------- what new content needs

const prepare = (place) => all("form", place).forEach(keep);
document.addEventListener("htmx:after:process", ({ target }) => prepare(target.parentElement ?? document));
document.addEventListener("input", ({ target }) => { // whoever types on in a field has chosen their own words
  const clash = target.id && find(`[data-clash="${target.id}"] input[value=""]`);
  if (clash && !savesItself(clash.form)) clash.checked = true; // a form that saves itself waits until it is chosen
});
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  const sent = JSON.parse(sessionStorage.getItem("sent") ?? "null");
  sessionStorage.removeItem("sent");
  if (sent?.landed) taken(sent, sent.landed); // Back before the page that it led to had noted it
  all("form").filter((form) => states.has(form)).forEach((form) => { states.get(form).sent = false; wasHandedIn(form); });
});

if (me) {
  sweep();
  settle();
  prepare(document);
}
