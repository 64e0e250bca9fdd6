// The incident page: a presses the button that is due. Without this file the button still works.

import { plain, typing } from "./typing.js";

document.addEventListener("keydown", (event) => {
  if (typing(event) || !plain(event) || document.getElementById("keys")?.open) return;
  const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (button) {
    event.preventDefault();
    button.click();
  }
});
