// Passkeys: the browser asks the device for one, and what it answers goes out with an ordinary form. The forms are hidden until
// it is clear that the browser can; where it cannot, a sentence says why.

import { all, find } from "./portal.js";

const read = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const written = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

function opened(options) {
  const listed = (name) => options[name] && { [name]: options[name].map((each) => ({ ...each, id: read(each.id) })) };
  return {
    ...options,
    challenge: read(options.challenge),
    ...(options.user && { user: { ...options.user, id: read(options.user.id) } }),
    ...listed("allowCredentials"),
    ...listed("excludeCredentials"),
  };
}

function told({ rawId, response }) {
  const said = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].filter((name) => response[name]);
  const parts = said.map((name) => [name, written(response[name])]);
  return JSON.stringify({ type: "public-key", rawId: written(rawId), response: Object.fromEntries(parts) });
}

const WHY = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "there" };

function complain(form, why) {
  all("[data-passkey-error]", form).forEach((each) => { each.hidden = each.dataset.passkeyError !== why; });
}

async function ask(form) {
  complain(form, "");
  const answer = await fetch(form.dataset.passkey);
  if (answer.redirected) return answer.url.includes("/confirmation") ? location.assign(answer.url) : location.reload();
  const { token, create, get } = await answer.json();
  const device = navigator.credentials;
  const made = create ? await device.create({ publicKey: opened(create) }) : await device.get({ publicKey: opened(get) });
  find("[data-passkey-token]", form).value = token;
  find("[data-passkey-answer]", form).value = told(made);
  form.requestSubmit();
}

const able = isSecureContext ? window.PublicKeyCredential && navigator.credentials : null;

all("form[data-passkey]").forEach((form) => {
  const answered = find("[data-passkey-answer]", form);
  const why = able ? (location.origin === form.dataset.origin ? "" : "elsewhere") : isSecureContext ? "browser" : "insecure";
  form.hidden = why !== "";
  all("[data-passkey-none]").forEach((each) => { each.hidden = each.dataset.passkeyNone !== why; });
  form.addEventListener("submit", (event) => {
    if (answered.value) return;
    event.preventDefault();
    if (form.dataset.asking) return;
    form.dataset.asking = "yes";
    ask(form).catch((error) => complain(form, WHY[error.name] ?? "failed")).finally(() => { delete form.dataset.asking; });
  });
  addEventListener("pageshow", () => { answered.value = ""; }); // come Back to, the page asks anew
});
