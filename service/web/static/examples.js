// Curating by keys: a accepts and r rejects the line in focus, or the first one.

import { plain, typing } from "./typing.js";

document.addEventListener("keydown", (event) => {
  if (typing(event) || !plain(event) || document.querySelector("dialog[open]") || event.defaultPrevented) return;
  const row = document.activeElement?.closest("[data-example]") ?? document.querySelector("[data-example]");
  const form = row?.querySelector(`form[data-step="${CSS.escape(event.key)}"]`);
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});

for (const form of document.querySelectorAll("form[data-step]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
