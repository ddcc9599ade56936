// Text pasted from a word processor, a sheet or a page becomes Markdown: headings, lists, tables, links and bold stay.

import TurndownService from "/static/vendor/turndown-7.2.5/turndown.browser.es.js";
import { gfm } from "/static/vendor/turndown-plugin-gfm-1.0.3/index.js";
import { all } from "./portal.js";

const turndown = new TurndownService({ headingStyle: "atx", bulletListMarker: "-", emDelimiter: "*", codeBlockStyle: "fenced" });
turndown.use(gfm);
const escaped = turndown.escape.bind(turndown);
turndown.escape = (text) => escaped(text).replace(/&(?=#?\w+;)/g, "\\&"); // words that would be read as another character
const unread = "style, script, meta, link, title, noscript, template, button, select";
// what is said beside a text of Word, to those who write it, and what was struck out of it while changes are tracked
const unsaid = "[data-style*='mso-element:comment' i], .MsoCommentReference, a.msocomanchor, del[datetime], del[cite], .msoDel";
const unshown = "iframe, object, embed, svg, canvas, audio, video";
// So many tags, and so many of those open at once that no other closes: more keep the page from answering for long.
const most = 30000, deepest = 100, tags = /<(\/?)([a-z]\w*)(?=[\s/>])/gi;
const closedByOthers = new Set("p li tr td th tbody thead tfoot dt dd option colgroup br hr img col wbr input meta link area source".split(" "));
const blocks = "p, div, li, ul, ol, h1, h2, h3, h4, h5, h6, blockquote, pre, br, section, article";
const numbered = /^\s*(?:[（(]?[\dA-Za-z一二三四五六七八九十]{1,4}[.)、）．]|[①-⑳]|\d+(?:\.\d+)*\s*$|第[\d一二三四五六七八九十]+[条章节])/;

// `picture` is asked for what stands in the text for a picture that lies in the clipboard itself; null where there is none.
// What comes back: the Markdown, and how many pictures could not come along. Throws a RangeError where that would take too long.
export function markdownOf(html, picture = () => null) {
  // styles and handlers are renamed before they are parsed: the page's policy forbids them, and Word's lists are told by styles
  const bare = html.replace(/<style(?:(?!<style)[\s\S])*?<\/style>/gi, "").replace(/<[a-z][^<>]*>/gi, (tag) => tag.replace(/\s(style|on[a-z]+)\s*=/gi, " data-$1="));
  bounded(bare);
  const { body } = new DOMParser().parseFromString(bare, "text/html");
  all(unread, body).forEach((each) => each.remove());
  for (const each of all("*", body)) for (const name of each.getAttributeNames()) if (/^on/i.test(name)) each.removeAttribute(name);
  all("[data-style*='display:none' i], [data-style*='display: none' i], [hidden]", body).forEach((each) => each.remove());
  all("textarea", body).forEach((each) => each.replaceWith(each.textContent));
  all(unsaid, body).forEach((each) => each.remove());
  const shown = all(unshown, body).filter((each) => !each.closest("[aria-hidden=true]") && !each.parentElement.closest(unshown));
  all(unshown, body).forEach((each) => each.remove());
  styled(body);
  linksOf(body);
  raised(body);
  const left = shown.length + picturesOf(body, picture);
  titlesOfWord(body);
  listsOfWordOnline(body);
  listsOfWord(body);
  all("ul > ul, ul > ol, ol > ul, ol > ol", body).forEach(belowItsItem);
  for (const part of all("li > p", body)) if (all(":scope > p", part.parentElement).length === 1) part.replaceWith(...part.childNodes);
  while (body.querySelector("table table")) body.querySelectorAll("table:has(table)").forEach(layout);
  all("table", body).forEach(plain);
  const text = turndown.turndown(body).replace(/\u00a0/g, " ").replace(/\n{3,}/g, "\n\n");
  return { text: text.replace(/^(\s*(?:-|\d+\.)) {2,3}/gm, "$1 ").replace(/^(#+ [\d.]*\d)\\\./gm, "$1."), left };
}

// Told before it is parsed: to parse what stands very deep takes longest.
function bounded(html) {
  let count = 0, open = 0;
  for (const [, ends, name] of html.matchAll(tags)) {
    if (!ends && (count += 1) > most) throw new RangeError("too many tags");
    if (closedByOthers.has(name.toLowerCase())) continue;
    open = Math.max(0, open + (ends ? -1 : 1));
    if (open > deepest) throw new RangeError("too deep");
  }
}

// What an office program says by style alone is said by an element; Google wraps all of a text in a bold that is none.
function styled(body) {
  all("b[data-style*='font-weight:normal' i], b[data-style*='font-weight: normal' i]", body).forEach((each) => each.replaceWith(...each.childNodes));
  for (const span of all("span[data-style]", body)) {
    const style = span.dataset.style.replace(/\s/g, "").toLowerCase();
    if (!span.textContent.trim() || span.closest("h1, h2, h3, h4, h5, h6, th")) continue;
    if (/font-weight:(bold|[6-9]00)/.test(style) && !span.closest("b, strong")) wrap(span, "strong");
    else if (/font-style:italic/.test(style) && !span.closest("i, em")) wrap(span, "em");
    else if (/text-decoration:[^;]*line-through/.test(style) && !span.closest("s, del, strike")) wrap(span, "s");
  }
  for (const bold of all("h1 b, h1 strong, h2 b, h2 strong, h3 b, h3 strong, h4 b, h4 strong", body)) bold.replaceWith(...bold.childNodes);
}

function wrap(element, name) {
  const made = document.createElement(name);
  made.append(...element.childNodes);
  element.append(made);
}

// A link leads to an address of the web, of mail or telephone, or to a page here; of all others the words stay.
function linksOf(body) {
  for (const link of all("a", body)) {
    let to = null;
    try { to = new URL(link.getAttribute("href") ?? ""); } catch { /* it leads to a place within what was copied */ }
    if (!to || !["http:", "https:", "mailto:", "tel:"].includes(to.protocol)) link.replaceWith(...link.childNodes);
    else {
      link.removeAttribute("title");
      link.setAttribute("href", to.origin === location.origin ? to.pathname + to.search + to.hash : to.href);
    }
  }
}

// Markdown here knows nothing raised or lowered: 10⁶ must not become 106. What has no sign of its own stands in parentheses.
const signs = { sup: "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", sub: "₀₁₂₃₄₅₆₇₈₉₊₋" };
function raised(body) {
  for (const [name, places] of [["sup", "sup, [data-style*='vertical-align:super' i]"], ["sub", "sub, [data-style*='vertical-align:sub' i]"]]) {
    for (const each of all(places, body)) {
      const text = each.textContent.replace(/\s+/g, " ").trim();
      const plain = !text || each.querySelector("a, img, sup, sub") || /^(st|nd|rd|th|tm|sm|[®™©*†‡])$|^[[(（【〔].*[\])）】〕]$/i.test(text);
      if (plain) continue;
      const digits = [...text.replaceAll("−", "-")].map((one) => signs[name]["0123456789+-".indexOf(one)] ?? ""); // -1 is no place
      each.replaceWith(digits.every(Boolean) ? digits.join("") : `${name === "sup" ? "^" : "_"}(${text})`);
    }
  }
}

// A picture in the clipboard is brought here; one of the web is a link to it; one on a disk is left, and counted.
function picturesOf(body, picture) {
  let left = 0;
  for (const image of all("img", body)) {
    const source = image.getAttribute("src") ?? "", name = (image.alt || "").replace(/\s+/g, " ").trim();
    const file = /^data:image\/(png|jpeg|gif|webp);base64,/i.test(source) ? picture(source, name) : null;
    if (file) {
      const place = document.createElement("code"); // its words are taken as they are
      place.dataset.picture = file;
      place.textContent = "x";
      image.replaceWith(place);
    } else if (/^https?:\/\/./i.test(source) && !image.closest("a")) {
      const link = document.createElement("a");
      link.setAttribute("href", source);
      link.textContent = name || source.split(/[?#]/)[0].split("/").pop() || source;
      image.replaceWith(link);
    } else {
      const web = /^https?:/i.test(source), link = image.closest("a");
      left += web ? 0 : 1;
      image.replaceWith(name || (web && source.split(/[?#]/)[0].split("/").pop()) || "");
      if (link && !link.textContent.trim() && !link.querySelector("[data-picture], img")) link.textContent = link.getAttribute("href");
    }
  }
  return left;
}
turndown.addRule("picture", { filter: (node) => node.nodeName === "CODE" && node.dataset.picture, replacement: (_, node) => node.dataset.picture });

// A heading of a style of one's own is told by its level alone, in Word and in Word in a browser.
function titlesOfWord(body) {
  for (const title of all("p.MsoTitle, p.MsoSubtitle, p[data-style*='mso-outline-level'], p[role=heading]", body)) {
    const level = /mso-outline-level:\s*([1-6])/i.exec(title.dataset.style)?.[1] ?? /^[1-6]$/.exec(title.getAttribute("aria-level"))?.[0];
    const name = title.matches(".MsoTitle") ? "h1" : title.matches(".MsoSubtitle") ? "h2" : level && `h${level}`;
    if (!name || !title.textContent.trim()) continue;
    const made = document.createElement(name);
    made.append(...title.childNodes);
    title.replaceWith(made);
  }
}

// Word in a browser writes each item as a list of its own, which says its level: as Word does, but for the sign.
function listsOfWordOnline(body) {
  for (const place of all(".ListContainerWrapper", body)) {
    place.replaceWith(...all("li", place).map((entry) => {
      const item = document.createElement("p"), mark = document.createElement("span"), { ariaLevel, ariaPosinset } = entry.dataset;
      item.dataset.style = `mso-list:l0 level${ariaLevel || 1}`;
      mark.dataset.style = "mso-list:Ignore";
      mark.textContent = entry.parentElement.tagName === "OL" ? `${ariaPosinset || 1}.` : "·";
      all(":scope > p", entry).forEach((each) => each.replaceWith(...each.childNodes));
      item.append(mark, ...entry.childNodes);
      return item;
    }));
  }
}

// Word and WPS write a list as paragraphs that carry their own bullet or number, and their level.
function listsOfWord(body) {
  for (const head of all("h1, h2, h3, h4, h5, h6", body)) {
    const mark = head.querySelector("[data-style*='mso-list:Ignore' i]");
    if (mark) mark.replaceWith(`${mark.textContent.replace(/\s+/g, " ").trim()} `);
  }
  let open = []; // the lists that the last item stands in, outermost first, each with its level
  let last = null;
  for (const item of all("p[data-style*='mso-list'], div[data-style*='mso-list']", body)) {
    if (/mso-list:\s*none/i.test(item.dataset.style)) continue;
    const level = Number(/level(\d+)/i.exec(item.dataset.style)?.[1] ?? 1);
    const mark = item.querySelector("[data-style*='mso-list:Ignore' i], [data-style*='mso-list: Ignore' i]");
    const sign = mark?.textContent ?? "", kind = numbered.test(sign) ? "OL" : "UL";
    mark?.remove();
    if (!last || item.previousElementSibling !== last) open = [];
    while (open.length && (open.at(-1).level > level || (open.at(-1).level === level && open.at(-1).list.tagName !== kind))) open.pop();
    if (open.at(-1)?.level !== level) {
      const list = document.createElement(kind), start = Number(/^\s*[（(]?(\d+)[^\d.]*\.?\s*$/.exec(sign)?.[1] ?? 1);
      if (kind === "OL" && start > 1) list.setAttribute("start", start);
      if (open.length) open.at(-1).list.lastElementChild.append(list);
      else {
        item.before(list);
        last = list;
      }
      open.push({ list, level });
    }
    const entry = document.createElement("li");
    entry.append(...item.childNodes);
    open.at(-1).list.append(entry);
    item.remove();
  }
}

// A list that stands beside the item it belongs to.
function belowItsItem(list) {
  const before = list.previousElementSibling;
  if (before?.tagName === "LI") return before.append(list);
  const entry = document.createElement("li");
  list.before(entry);
  entry.append(...list.childNodes);
  for (const each of [...entry.children].filter((one) => one.tagName === "LI").reverse()) entry.after(each);
  entry.remove();
  list.remove();
}

// A table that only arranges a page: what stands in its cells comes one after the other.
function layout(table) {
  const cells = [...table.rows].flatMap((row) => [...row.cells]);
  table.replaceWith(...cells.map((cell) => {
    const part = document.createElement("div");
    part.append(...cell.childNodes);
    return part;
  }));
}

// A Markdown table has a heading row, rows of as many cells, and cells of one line without their own bar. What is merged
// downwards holds for each of its rows; what is merged across stands in the first of its columns.
function plain(table) {
  const rows = [...table.rows], grid = rows.map(() => []);
  rows.forEach((row, y) => {
    let x = 0;
    for (const cell of row.cells) {
      while (grid[y][x]) x += 1;
      const down = Math.min(cell.rowSpan || 1, rows.length - y);
      const across = down * cell.colSpan > 3000 ? 1 : Math.min(cell.colSpan, 100); // a text here takes no more cells
      lineOf(cell);
      for (let i = 0; i < down; i += 1) for (let j = 0; j < across; j += 1) grid[y + i][x + j] = j ? [] : copied(cell, i);
    }
  });
  const width = Math.max(0, ...grid.map((row) => row.length)), filled = grid.filter((row) => row.some((cell) => cell?.length));
  if (!filled.length || !width) return table.remove();
  if (filled.length === 1 && width === 1) {
    const only = document.createElement("p");
    only.append(...filled[0][0]);
    return table.replaceWith(only);
  }
  const made = document.createElement("table");
  filled.forEach((row, y) => {
    const line = made.insertRow();
    for (let x = 0; x < width; x += 1) line.appendChild(document.createElement(y ? "td" : "th")).append(...(row[x] ?? []));
  });
  const title = table.caption?.textContent.trim();
  table.replaceWith(...(title ? [Object.assign(document.createElement("p"), { textContent: title }), made] : [made]));
}

function copied(cell, again) {
  const copy = cell.cloneNode(true);
  if (again) all("[data-picture]", copy).forEach((each) => each.remove());
  return [...copy.childNodes];
}

// What the plugin does with a cell doubles the backslashes of what was escaped already.
turndown.addRule("cell", {
  filter: ["th", "td"],
  replacement: (content, cell) => `${cell.previousElementSibling ? " " : "| "}${content.replace(/\s+/g, " ").trim() || "  "} |`,
});

function lineOf(cell) {
  for (const block of all(blocks, cell).reverse()) block.replaceWith(" ", ...block.childNodes, " ");
  const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replace(/\s+/g, " ").replaceAll("|", "｜");
  cell.normalize();
}
