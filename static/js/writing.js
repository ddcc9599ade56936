// Writing: drafts that are never lost, and the Markdown editor. Pages with either name it.

import { all, announce, find, passing, takeFocus, words } from "./portal.js";

// ---------------------------------------------------------------- drafts

// A form that has a draft on the server saves itself. drafts.js keeps on this device what is not there yet.
let liesAt, put, reached, read, unsaved;
const sentOf = (form) => new URLSearchParams([...new FormData(form)].filter(([name, value]) => typeof value === "string" && !name.startsWith("take-")));

async function keepDrafts(form) {
  if (form.dataset.keeping) return;
  form.dataset.keeping = "yes";
  ({ liesAt, put, reached, read, unsaved } = await import("./drafts.js")); // most who write here have no such form
  const state = find("[data-autosave-state]", form);
  let waiting, sending, following, submitted, told = false, unanswered = false, asked = false, changed = false, pause = 1000;
  let clash = find("[data-clash]", form) && {}; // until it is chosen which of two wordings holds
  const say = (text, kept = false, href = "", label = "") => {
    if (!state) return;
    state.ariaLive = kept ? "polite" : "off"; // what goes well is said aloud once: it would talk over who writes
    told &&= !kept;
    state.textContent = text;
    if (href) state.append(" ", Object.assign(document.createElement("a"), { href, textContent: label }));
    state.classList.toggle("is-kept", kept);
  };
  const lacks = () => form.dataset.autosaveNeeds && !form.elements.namedItem(form.dataset.autosaveNeeds).value.trim();
  const choose = () => say(words("differs"), true, "#stale", words("choose"));

  function save() {
    if (sending) changed = true;
    else sending = send();
  }
  function later() {
    clearTimeout(waiting);
    if (clash) return choose();
    if (lacks()) return say(words("here"), true);
    say(words("saving"));
    waiting = setTimeout(save, pause);
  }

  async function send() {
    changed = false;
    const fields = read(form), body = sentOf(form);
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { "HX-Request": "true", Accept: "text/html" }, signal: AbortSignal.timeout(15000) });
      const { status, headers } = answer, text = await answer.text();
      if ([403, 404].includes(status)) return say(words("stopped"), true);
      if (status === 422 && !headers.has("X-Version")) return say(words("over"), true, form.getAttribute("action"), words("openIt"));
      const again = answer.redirected || headers.has("HX-Redirect") || [401, 408, 429].includes(status) || status >= 500;
      if (again) throw new Error(String(status)); // it is tried until it is taken
      const page = new DOMParser().parseFromString(text, "text/html");
      refreshed(form, page, answer.ok);
      if (status === 409) {
        clash = { headers, page, fields };
        unchosen();
        return find("[data-clash]", form) ? choose() : settled();
      }
      if (!answer.ok) return say(words("unsaved"), true, find("#unsaved > *", form) ? "#unsaved" : "", words("why"));
      goOn(form, headers, page, fields);
      if (headers.has("X-Place")) {
        liesAt(form, headers.get("X-Place"));
        history.replaceState(history.state, "", headers.get("X-Place"));
      }
      pause = 1000;
      unanswered = false;
      reached(form, fields);
      if (!changed) {
        say(words("saved", { time: new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false }) }));
        if (!told) announce(state?.textContent);
        told = true;
      }
    } catch {
      changed = unanswered = true;
      pause = Math.min(pause * 2, 30000);
      say(words("kept"), true);
    } finally {
      sending = undefined;
      if (changed && !clash && form.isConnected) { clearTimeout(waiting); waiting = setTimeout(save, pause); }
    }
  }

  // ---- two wordings of one field: nothing is sent until its person has chosen

  const mine = new Map();
  function unchosen() {
    mine.clear();
    all("[data-clash] input", form).forEach((radio) => { radio.checked = false; });
  }
  function chosen(radio) {
    const name = radio.name.slice(5), { values } = radio.dataset;
    if (values && !mine.has(name)) mine.set(name, read(form)[name]);
    if (values) put(form, name, JSON.parse(values));
    else if (mine.has(name)) put(form, name, mine.get(name));
    if (values) radio.checked = true; else mine.delete(name);
    if (all("[data-clash]", form).every((each) => find("input:checked", each))) settled();
  }
  function settled() {
    if (clash?.headers) goOn(form, clash.headers, clash.page, clash.fields);
    clash = null;
    later();
  }

  form.addEventListener("input", ({ target }) => { if (!target.name?.startsWith("take-")) later(); });
  form.addEventListener("change", ({ target }) => { if (target.name?.startsWith("take-")) chosen(target); });
  form.addEventListener("submit", (event) => {
    clearTimeout(waiting);
    if (clash) {
      event.preventDefault();
      choose();
      return takeFocus(find("#stale", form));
    }
    if (unanswered && !sending && !asked) { // it may have been taken: what it became is known first, if one is answered
      asked = true;
      sending = send();
    }
    if (sending) { // it goes on from the version that the save under way makes
      event.preventDefault();
      following ??= sending.finally(() => { following = undefined; form.requestSubmit(event.submitter); });
      return;
    }
    submitted = true;
    asked = false;
  }, { capture: true }); // before it is noted as sent
  addEventListener("pagehide", () => {
    if (!submitted && !clash && !lacks() && unsaved(form)) navigator.sendBeacon?.(form.dataset.autosave, sentOf(form));
  });
  addEventListener("pageshow", () => { submitted = false; });

  if (clash) unchosen();
  if (unsaved(form)) later();
}

// The next save goes on from this one. What another page changed meanwhile is put where nothing was typed since.
function goOn(form, headers, page, fields) {
  const begun = new Map((headers.get("X-Begun") ?? "").split(" ").map((each) => each.split(":"))), now = read(form);
  const taken = JSON.parse(find("#taken-over", page)?.dataset.fields ?? "{}");
  for (const [name, [values, mark]] of Object.entries(taken)) {
    if (JSON.stringify(now[name]) !== JSON.stringify(fields[name])) continue;
    begun.set(name, mark);
    put(form, name, values);
    fields[name] = read(form)[name];
  }
  const version = form.elements.namedItem("version"), held = form.elements.namedItem("begun");
  if (version && headers.has("X-Version")) version.value = headers.get("X-Version");
  if (held && headers.get("X-Begun")) held.value = [...begun].map((each) => each.join(":")).join(" ");
}

function refreshed(form, page, saved) {
  for (const part of [...page.body.children]) {
    const old = part.id && document.getElementById(part.id);
    if (!old || old.outerHTML === part.outerHTML) continue;
    if (saved && find("[data-clash]", old)) continue; // what was chosen can still be chosen otherwise
    if (find("[data-clash]", part)) find("#stale", form)?.remove();
    old.replaceWith(part);
  }
}

// ---------------------------------------------------------------- the editor

document.addEventListener("click", ({ target }) => {
  const tool = target.closest("[data-mark], [data-line]");
  if (tool) format(tool);
  const peek = target.closest("[data-peek]");
  if (peek) peek.setAttribute("aria-pressed", String(peek.ariaPressed !== "true"));
});

function format({ dataset: { mark, line }, parentElement }) {
  const area = document.getElementById(parentElement.dataset.marksFor);
  const { selectionStart: start, selectionEnd: end, value } = area;
  const chosen = value.slice(start, end);
  area.focus();
  if (line) {
    const from = value.lastIndexOf("\n", start - 1) + 1;
    area.setSelectionRange(from, end);
    const begins = (place) => (line === "1. " ? `${place + 1}. ` : line);
    insert(area, value.slice(from, end).split("\n").map((each, place) => begins(place) + each).join("\n"));
  } else if (mark === "table") { // what was chosen is its heads, one a line
    const heads = chosen ? chosen.split("\n").map((each) => each.trim()) : ["", ""];
    const row = (cells) => `| ${cells.join(" | ")} |`;
    const lead = start && value[start - 1] !== "\n" ? "\n\n" : "";
    insert(area, `${lead}${row(heads)}\n${row(heads.map(() => "---"))}\n${row(heads.map(() => ""))}\n`);
    if (!chosen) area.setSelectionRange(start + lead.length + 2, start + lead.length + 2);
  } else if (mark === "code" && chosen.includes("\n")) {
    insert(area, `\`\`\`\n${chosen}\n\`\`\``);
  } else if (mark === "code") {
    insert(area, `\`${chosen}\``);
    if (!chosen) area.setSelectionRange(start + 1, start + 1);
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
  const files = event.clipboardData?.files ?? [];
  if (files.length && takesFiles(area) && !event.clipboardData.getData("text/plain")) {
    event.preventDefault();
    return enclose(area, [...files]);
  }
  if (!html || !/<(h[1-6]|table|ul|ol|li|strong|b|em|i|a|img|del|ins|s|strike|sup|sub|blockquote)[\s>]|mso-(list|outline)|role="?heading/i.test(html)) return;
  const plain = event.clipboardData.getData("text/plain"), pictures = [];
  event.preventDefault();
  const picture = (source, name) => {
    if (!takesFiles(area)) return null;
    let file;
    try { file = fileOf(source, name, pictures.length + 1); } catch { return null; } // it is broken
    pictures.push({ file, waiting: waitingFor(file) });
    return pictures.at(-1).waiting;
  };
  const { text, left } = await import("./paste.js").then(({ markdownOf }) => markdownOf(html, picture)).catch((problem) => {
    pictures.length = 0; // nothing would say where they stand
    if (problem instanceof RangeError) passing(words("pastedPlain"));
    return { text: plain, left: 0 };
  });
  area.focus();
  insert(area, apart(area, text || plain));
  if (left) passing(words("leftOut", { count: left }));
  for (const { file, waiting } of pictures) await arrive(area, file, waiting, "");
});

// A heading, table or list is one only on a line of its own.
function apart({ value, selectionStart: start, selectionEnd: end }, text) {
  const block = /^(?:#{1,6} |\||> |-  ?|\d+\. )/, lines = text.trimEnd().split("\n");
  const before = start && value[start - 1] !== "\n" && block.test(lines[0]) ? "\n\n" : "";
  return before + text + (end < value.length && value[end] !== "\n" && block.test(lines.at(-1).trimStart()) ? "\n\n" : "");
}

// What stands for a file until it is there: of each its own, so that two under one name are not taken for each other.
let brings = 0;
const waitingFor = (file) => `[${words("bringing", { name: file.name.replace(/[[\]]/g, " ") })}](${(brings += 1)})`;

function fileOf(source, name, number) {
  const [head, coded] = source.split(",", 2), type = head.slice(5).split(";")[0];
  const bytes = Uint8Array.from(atob(coded.replace(/\s/g, "")), (each) => each.charCodeAt(0));
  const called = name.replace(/[[\]\\/:*?"<>|]/g, " ").trim().slice(0, 60) || `picture-${number}`;
  return new File([bytes], `${called}.${type.split("/")[1].replace("jpeg", "jpg")}`, { type });
}

// ---------------------------------------------------------------- what is put in by its name

// `/` offers blocks, `@` people, `#` topics, `[[` records: what offers them comes once such a sign is typed.
const SIGN = /[/／、@＠#＃[【]/;
let offering;
document.addEventListener("input", ({ target }) => {
  if (!target.matches?.(".editor-text")) return;
  if (!offering && !SIGN.test(target.value.slice(Math.max(0, target.selectionStart - 60), target.selectionStart))) return;
  offering ??= import("./offering.js").catch(() => { offering = undefined; }); // without a network one writes on
  offering.then((module) => module?.offer(target, insert));
});
document.addEventListener("compositionend", ({ target }) => offering?.then((module) => target.matches?.(".editor-text") && module?.offer(target, insert)));

// ---------------------------------------------------------------- files

// Chosen, pasted or dropped: a line stands for each in the text, until the file is there.
const takesFiles = (area) => area && find("[data-enclose]", area.closest(".editor"));

document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("[data-enclose]")) return;
  enclose(find(".editor-text", target.closest(".editor")), [...target.files]);
  target.value = "";
});
document.addEventListener("dragover", (event) => {
  if (event.dataTransfer?.types.includes("Files") && takesFiles(event.target.closest?.(".editor-text"))) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const area = event.target.closest?.(".editor-text");
  if (!event.dataTransfer?.files.length || !takesFiles(area)) return;
  event.preventDefault();
  enclose(area, [...event.dataTransfer.files]);
});

async function enclose(area, files) {
  for (const file of files) {
    area.focus();
    const apart = /\S$/.test(area.value.slice(0, area.selectionStart)) ? "\n" : "";
    const waiting = apart + waitingFor(file);
    insert(area, waiting);
    await arrive(area, file, waiting, apart);
  }
}

async function arrive(area, file, waiting, apart) {
  const line = await brought(area, file).catch(() => ({ refused: words("lost") }));
  const at = area.value.indexOf(waiting);
  if (at >= 0) {
    area.setRangeText(line.written ? apart + line.written : "", at, at + waiting.length, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (line.refused) passing(`${file.name}: ${line.refused}`);
}

async function brought(area, file) {
  const body = new FormData();
  body.append("file", file);
  const answer = await fetch(takesFiles(area).dataset.enclose, { method: "POST", body, headers: { "HX-Request": "true" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const written = find("[data-markdown]", page)?.dataset.markdown;
  return written ? { written } : { refused: find(".field-error", page)?.textContent.trim() || words(answer.status === 413 ? "tooLarge" : "refused") };
}

function insert(area, text) {
  // execCommand keeps the browser's own undo; setRangeText is for browsers that lack it
  // and for long texts, which take the browser minutes line by line
  if (text.length > 20000 || !document.execCommand?.("insertText", false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// ---------------------------------------------------------------- what new content needs

function prepare(place) {
  all("form[data-autosave]", place).forEach(keepDrafts);
  all(".editor-tools[hidden]", place).forEach((tools) => { tools.hidden = false; });
}

document.addEventListener("htmx:after:process", ({ target }) => prepare(target.parentElement ?? document));
prepare(document);
