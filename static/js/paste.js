// Text pasted from a word processor or a page becomes Markdown: headings, lists, tables, links and bold stay.

import TurndownService from "/static/vendor/turndown-7.2.5/turndown.browser.es.js";
import { gfm } from "/static/vendor/turndown-plugin-gfm-1.0.3/index.js";

const turndown = new TurndownService({ headingStyle: "atx", bulletListMarker: "-", emDelimiter: "*", codeBlockStyle: "fenced" });
turndown.use(gfm);
turndown.remove(["style", "script", "meta", "link", "title", "img"]);

export function markdownOf(html) {
  // styles are renamed before they are parsed: the page's policy forbids them, and Word's lists are told by them
  const bare = html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/\sstyle\s*=/gi, " data-style=");
  const { body } = new DOMParser().parseFromString(bare, "text/html");
  listsOfWord(body);
  body.querySelectorAll("table").forEach(headed);
  const text = turndown.turndown(body).replace(/\u00a0/g, " ").replace(/\n{3,}/g, "\n\n");
  return text.replace(/^(\s*(?:-|\d+\.)) {2,3}/gm, "$1 ");
}

// Word writes a list as paragraphs that carry their own bullet or number.
function listsOfWord(body) {
  for (const item of body.querySelectorAll("p[data-style*='mso-list']")) {
    const mark = item.querySelector("[data-style*='mso-list:Ignore' i]");
    const kind = /^\s*[\dA-Za-z一二三四五六七八九十]+[.)、]/.test(mark?.textContent ?? "") ? "OL" : "UL";
    mark?.remove();
    const before = item.previousElementSibling;
    const list = before?.matches("[data-of-word]") && before.tagName === kind ? before : document.createElement(kind);
    if (list !== before) {
      list.dataset.ofWord = "";
      item.before(list);
    }
    const entry = document.createElement("li");
    entry.append(...item.childNodes);
    list.append(entry);
    item.remove();
  }
}

// A Markdown table has a heading row, and cells of one line without its own bar.
function headed(table) {
  for (const cell of table.querySelectorAll("td, th")) cell.replaceChildren(cell.textContent.replace(/\s+/g, " ").replaceAll("|", "｜").trim());
  const first = table.querySelector("tr");
  for (const cell of first?.querySelectorAll("td") ?? []) {
    const head = document.createElement("th");
    head.append(...cell.childNodes);
    cell.replaceWith(head);
  }
}
