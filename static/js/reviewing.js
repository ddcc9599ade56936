// Keys of a reviewer: j and k step through the queue, digits score the row in focus.

import { all, find, onKey, takeFocus } from "./portal.js";

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

onKey((key) => {
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
  return /^[0-5]$/.test(key) && score(key);
});
