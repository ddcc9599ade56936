// What is chosen or typed in an exam is sent at once: whoever closes the page or runs out of time loses none of it.

import { find } from "./portal.js";

let sending = null; // what was changed last is on its way
let following = null; // what was pressed meanwhile

const WAITS = 5000; // milliseconds, before it goes on without an answer

function send(form) {
  if (!find("[name=changed]", form)) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "changed", value: "1" }));
  const before = sending ?? Promise.resolve();
  const mine = sending = before.then(() => fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    redirect: "manual", // the next question is not asked for
    keepalive: true,
    signal: AbortSignal.timeout(WAITS),
  })).catch(() => {}).finally(() => { if (sending === mine) sending = null; });
}

document.addEventListener("change", ({ target }) => {
  const form = target.closest?.("form[data-answer]");
  if (form && target.name === "answer") send(form);
});

// What is pressed while it is on its way follows it, so that what was sent last counts.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-answer]") || !sending) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  following ??= sending.finally(() => setTimeout(() => { following = null; form.requestSubmit(event.submitter); }));
}, { capture: true });
