// Judging by keys: 1, 2, 3 give a value, s skips, n goes to the note, u takes the last one back.

import { plain, typing } from "./typing.js";

const form = document.querySelector("[data-label]");
const note = document.getElementById("note");

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target === note) note.blur();
  if (typing(event) || !plain(event) || document.querySelector("dialog[open]") || event.defaultPrevented) return;
  const value = event.key === "s" ? "" : event.key;
  const button = form?.querySelector(`button[value="${CSS.escape(value)}"]`);
  if (button && !form.dataset.sent) form.requestSubmit(button);
  else if (event.key === "u") document.querySelector("[data-undo]").requestSubmit();
  else if (event.key === "n" && note) note.focus();
  else return;
  event.preventDefault();
});

form?.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  if (form) delete form.dataset.sent;
});
