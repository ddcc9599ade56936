// What is chosen or typed in an exam is sent at once: whoever closes the page or runs out of time loses none of it.

import { find, words } from "./portal.js";

// The page that shows what is next is that question's from now on: whoever goes back comes to it again.
const asked = find("[data-answer]");
if (asked && !location.search) history.replaceState(history.state, "", `?question=${asked.action.split("/").at(-1)}`);

let sending = null; // what was changed last is on its way
let following = null; // what was pressed meanwhile

const WAITS = 5000; // milliseconds, before nobody is thought to answer
const AGAIN = 3000; // milliseconds, after which it is sent once more
const LAST = 4; // seconds before the end, in which what is typed is sent

function send(form, isChanged = true) {
  if (isChanged && !find("[name=changed]", form)) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "changed", value: "1" }));
  const before = sending ?? Promise.resolve();
  const mine = sending = before.then(() => keep(form)).finally(() => { if (sending === mine) sending = null; });
}

// Until somebody has it: without a network, while the portal is started anew, or until one is signed in again, it is
// sent once more, and that is said.
async function keep(form) {
  const failed = find("[data-failed]", form), said = find("span", failed), offline = said.textContent;
  for (let why = await refused(form); why; why = await refused(form)) {
    said.textContent = why === "expired" ? words(why) : offline;
    failed.hidden = false;
    await new Promise((go) => { setTimeout(go, AGAIN); addEventListener("online", go, { once: true }); });
  }
  said.textContent = offline;
  failed.hidden = true;
}

// Why it is not kept; nothing where it is.
async function refused(form) {
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      redirect: "manual", // the next question is not asked for
      keepalive: true,
      signal: AbortSignal.timeout(WAITS),
    });
    if (answer.status === 401) return "expired";
    return answer.status >= 500 || answer.status === 429 ? "failed" : "";
  } catch {
    return "failed";
  }
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

// How long there is still, counted from what the portal said: what is typed is sent before the end.
const timer = find("[data-left]");
if (timer) {
  const end = performance.now() + timer.dataset.left * 1000;
  const [shown, said] = timer.children;
  let before = timer.dataset.left, sent = null;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    shown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left <= 300 && before > 300) said.textContent = timer.dataset.soon;
    if (left <= 60 && before > 60) said.textContent = timer.dataset.last;
    before = left;
    const form = find("form[data-answer]");
    const typed = form && left > 0 && left <= LAST ? new URLSearchParams(new FormData(form)).toString() : sent;
    if (typed !== sent) { send(form, sent !== null); sent = typed; } // only shown, it is no answer: another tab's stays
    if (left > 0) return;
    clearInterval(going);
    setTimeout(() => (sending ?? Promise.resolve()).then(() => location.replace(timer.dataset.over)), 1000);
  };
  const going = setInterval(tick, 1000);
  timer.hidden = false;
  tick();
}
