// A passage marked in a proposed text is offered to be commented on.

import { find } from "./portal.js";

const around = 40;
const text = find("[data-commentable]");
const place = find("[data-commenting]");
const offer = find("[data-comment-offer]");
let marked = null;

// `chosen` keeps the passage when the press on the button takes the marking away
function chosen() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!text.contains(range.commonAncestorContainer)) return null;
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const words = (each) => { // the numbers of other comments are no words of the text
    const part = each.cloneContents();
    part.querySelectorAll(".passage-number").forEach((number) => number.remove());
    return part.textContent;
  };
  const quote = words(range).replace(/\s+/g, " ").trim();
  return quote && { quote, before: words(before).replace(/\s+/g, "").slice(-around) };
}

document.addEventListener("selectionchange", () => {
  const found = chosen();
  if (found) marked = found;
  offer.hidden = !found && !offer.contains(document.activeElement);
});

offer.addEventListener("pointerdown", (event) => event.preventDefault());
offer.addEventListener("click", () => {
  if (!marked) return;
  place.open = true;
  find("[name=quote]", place).value = marked.quote;
  find("[name=before]", place).value = marked.before;
  offer.hidden = true;
  find("textarea[name=text]", place).focus();
});
