// The keys of a queue (j and k step through it), a reviewer's digits that score the row in focus, and the total so far.

import { all, find, onKey, takeFocus } from "./portal.js";

function step(by) {
  const items = all("[data-queue-item]").filter((item) => item.checkVisibility());
  if (!items.length) return false;
  const at = items.findIndex((item) => item.classList.contains("is-chosen"));
  const next = items[Math.min(Math.max(at + by, 0), items.length - 1)];
  items.forEach((item) => item.classList.toggle("is-chosen", item === next));
  takeFocus(find("[data-open], a[href]", next) ?? next);
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

// Chosen among what is known already, it is what this improves.
document.addEventListener("click", ({ target }) => {
  const chosen = target.closest?.("[data-merge-into]");
  if (!chosen) return;
  const into = find("[name=into]");
  into.value = chosen.dataset.mergeInto;
  find("[name=verdict][value=merge]").click();
  into.focus();
});

function addUp() {
  const shown = find("[data-running-total]");
  const rows = all("[data-rubric]").map((row) => [parseFloat(row.dataset.rubric), find(":checked", row)]);
  if (!shown || !rows.some(([, chosen]) => chosen)) return;
  const whole = rows.reduce((sum, [weight]) => sum + weight, 0);
  const total = rows.reduce((sum, [weight, chosen]) => sum + weight * (chosen ? Number(chosen.value) / 5 : 0), 0);
  shown.textContent = String(Math.round((1000 * total) / whole) / 10);
}

// Beside the form there is room for it; above it, on a phone, it would push the form away.
if (matchMedia("(min-width: 1080px)").matches) all("[data-open-wide]").forEach((each) => { each.open = true; });

document.addEventListener("change", addUp);
addUp();
