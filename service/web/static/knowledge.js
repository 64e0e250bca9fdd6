// Deciding on entries by keys, for the line in focus or the first one: a accepts and l puts off;
// e and r open their fields.

import { plain, typing } from "./typing.js";

document.addEventListener("keydown", (event) => {
  if (typing(event) || !plain(event) || document.querySelector("dialog[open]") || event.defaultPrevented) return;
  const row = document.activeElement?.closest("[data-entry]") ?? document.querySelector("[data-entry]");
  const key = CSS.escape(event.key);
  const fields = row?.querySelector(`details[data-open="${key}"]`);
  const form = row?.querySelector(`form[data-step="${key}"]`);
  if (!fields && !form) return;
  event.preventDefault();
  if (form) return form.requestSubmit();
  fields.open = true;
  fields.querySelector("input:not([type=hidden]), textarea").focus();
});

for (const form of document.querySelectorAll("[data-entry] form")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
