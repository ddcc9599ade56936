// Writing: drafts that are never lost, and the Markdown editor. Pages with either name it.

import { all, find, passing, quiet, words } from "./portal.js";

// ---------------------------------------------------------------- drafts

// A form that has a draft on the server: what is typed is kept on this device until it is there.
const draftKey = (form) => `draft:${document.body.dataset.person ?? ""}:${form.dataset.autosaveKey ?? form.dataset.autosave}`;
const fieldsOf = (form) => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));

function keepDrafts(form) {
  if (form.dataset.keeping) return;
  form.dataset.keeping = "yes";
  const key = draftKey(form);
  const state = find("[data-autosave-state]", form);
  let waiting, sending, following, submitted, changed = false, pause = 1000;
  const say = (text, kept = false) => { if (state) { state.textContent = text; state.classList.toggle("is-kept", kept); } };
  const store = (value) => { try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value); } catch { /* storage may be full or forbidden */ } };

  function save() {
    if (sending) changed = true;
    else sending = send();
  }

  async function send() {
    changed = false;
    const body = fieldsOf(form);
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { "HX-Request": "true", Accept: "text/html" }, signal: AbortSignal.timeout(15000) });
      const over = answer.status === 422 && !answer.headers.has("X-Version"); // it was handed in: to try again changes nothing
      if (over || [403, 404].includes(answer.status)) return say(words("stopped"), true);
      if (!answer.ok || answer.redirected || answer.headers.has("HX-Redirect")) throw new Error(String(answer.status));
      refreshed(form, answer.headers, await answer.text());
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
      sending = undefined;
      if (changed && form.isConnected) { clearTimeout(waiting); waiting = setTimeout(save, pause); }
    }
  }

  form.addEventListener("input", () => {
    store(JSON.stringify([...fieldsOf(form)]));
    say(words("saving"));
    clearTimeout(waiting);
    waiting = setTimeout(save, pause);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(waiting);
    if (sending) { // it goes on from the version that the save under way makes
      event.preventDefault();
      following ??= sending.finally(() => { following = undefined; form.requestSubmit(event.submitter); });
      return;
    }
    submitted = true;
    const place = new URL(form.getAttribute("action"), location.href).pathname, id = `${place}||${find("[name=version]", form)?.value}`;
    const sent = { keys: [key], own: key, place, id, page: location.pathname, fields: {} };
    sessionStorage.setItem("sent", JSON.stringify(sent));
  });
  addEventListener("pagehide", () => {
    if (!submitted && localStorage.getItem(key)) navigator.sendBeacon?.(form.dataset.autosave, fieldsOf(form));
  });

  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(key) ?? "null"); } catch { store(null); }
  if (kept && !find(".form-errors", form) && restore(form, kept)) {
    passing(words("restored"));
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function refreshed(form, headers, text) {
  for (const [name, header] of [["version", "X-Version"], ["begun", "X-Begun"]]) { // the next save goes on from this one
    const field = form.elements.namedItem(name);
    if (headers.get(header) && field) field.value = headers.get(header);
  }
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
  const begun = differs && kept.find(([name]) => name === "begun"), field = form.elements.namedItem("begun");
  if (begun && field) field.value = begun[1]; // so that what another tab wrote meanwhile is not written over
  return differs;
}

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const form = ctx.request?.form ?? ctx.sourceElement?.closest?.("form");
  const sent = form?.dataset?.autosave && ctx.request.method === "POST" && !ctx.sourceElement.matches(quiet);
  if (sent && ctx.response?.status < 400) localStorage.removeItem(draftKey(form));
});

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
  const files = event.clipboardData?.files ?? [];
  if (files.length && takesFiles(area) && !event.clipboardData.getData("text/plain")) {
    event.preventDefault();
    return enclose(area, [...files]);
  }
  if (!html || !/<(h[1-6]|table|ul|ol|li|strong|b|em|i|a|img)[\s>]|mso-list/i.test(html)) return;
  const plain = event.clipboardData.getData("text/plain"), pictures = [];
  event.preventDefault();
  const picture = (source, name) => {
    if (!takesFiles(area)) return null;
    let file;
    try { file = fileOf(source, name, pictures.length + 1); } catch { return null; } // it is broken
    pictures.push({ file, waiting: waitingFor(file) });
    return pictures.at(-1).waiting;
  };
  const { text, left } = await import("./paste.js").then(({ markdownOf }) => markdownOf(html, picture)).catch(() => {
    pictures.length = 0; // nothing would say where they stand
    return { text: plain, left: 0 };
  });
  area.focus();
  insert(area, text || plain);
  if (left) passing(words("leftOut", { count: left }));
  for (const { file, waiting } of pictures) await arrive(area, file, waiting, "");
});

// What stands for a file until it is there: of each its own, so that two under one name are not taken for each other.
let brings = 0;
const waitingFor = (file) => `[${words("bringing", { name: file.name.replace(/[[\]]/g, " ") })}](${(brings += 1)})`;

function fileOf(source, name, number) {
  const [head, coded] = source.split(",", 2), type = head.slice(5).split(";")[0];
  const bytes = Uint8Array.from(atob(coded.replace(/\s/g, "")), (each) => each.charCodeAt(0));
  const called = name.replace(/[[\]\\/:*?"<>|]/g, " ").trim().slice(0, 60) || `picture-${number}`;
  return new File([bytes], `${called}.${type.split("/")[1].replace("jpeg", "jpg")}`, { type });
}

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
