// Lessons are put in order by dragging them, with a mouse, a pen or a finger. The buttons beside each do the same.

import { find } from "./portal.js";

let held = null; // the lesson that is dragged
let finger = null; // what drags it
let stood = []; // how they stood when it was taken
let sent = null; // what waits for an answer: the form, and how they stood before

const places = () => [...held.parentElement.children];

function end(put) {
  if (!held) return;
  const lesson = held, now = places();
  held.removeAttribute("data-held");
  held = null;
  if (now.every((each, place) => each === stood[place])) return;
  if (!put) return lesson.parentElement.replaceChildren(...stood);
  const form = find("form:has([name=seen])", lesson);
  find("[name=before]", form)?.remove(); // of a try that failed
  const before = Object.assign(document.createElement("input"), { type: "hidden", name: "before" });
  before.value = lesson.nextElementSibling?.dataset.place ?? "";
  form.append(before);
  sent = { form, stood };
  form.requestSubmit();
}

// What was not saved does not stand as if it were.
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (!sent || ctx.sourceElement !== sent.form) return;
  if (!(ctx.response?.status < 400) && sent.form.isConnected) find("#lessons > ol").replaceChildren(...sent.stood);
  sent = null;
});

document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest?.("[data-drag]");
  if (!handle || held || event.button > 0) return;
  event.preventDefault(); // nothing is marked on the way
  held = handle.closest("[data-place]");
  finger = event.pointerId;
  stood = places();
  held.setAttribute("data-held", "");
  handle.setPointerCapture(event.pointerId);
});

// The others make room: the one that is held stays where it is in the page, else it would be let go.
document.addEventListener("pointermove", (event) => {
  if (!held || event.pointerId !== finger) return;
  const middle = (each) => { const box = each.getBoundingClientRect(); return box.top + box.height / 2; };
  for (let over = held.previousElementSibling; over && event.clientY < middle(over); over = held.previousElementSibling) held.after(over);
  for (let below = held.nextElementSibling; below && event.clientY > middle(below); below = held.nextElementSibling) held.before(below);
  const edge = event.clientY < 80 ? -12 : event.clientY > innerHeight - 120 ? 12 : 0;
  if (edge) scrollBy(0, edge);
});

document.addEventListener("pointerup", (event) => { if (event.pointerId === finger) end(true); });
document.addEventListener("pointercancel", (event) => { if (event.pointerId === finger) end(false); });
document.addEventListener("keydown", (event) => { if (event.key === "Escape") end(false); });
