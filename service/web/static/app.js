// Every page: keys, lists, countdowns. Without this file all of it still works by links and forms.

import { plain, typing } from "./typing.js";

document.documentElement.classList.add("js");

const dialog = document.getElementById("keys");
let waitingForPlace = 0;

function place(key) {
  return document.querySelector(`.nav a[data-go="${CSS.escape(key)}"]`);
}

function move(step) {
  const links = [...document.querySelectorAll("[data-rows] .row-main:is(a, [tabindex])")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step));
  links[next].focus();
  links[next].scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (typing(event) || !plain(event) || dialog?.open) return;
  const placed = performance.now() < waitingForPlace;
  waitingForPlace = 0;
  if (placed && place(event.key)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    location.assign(place(event.key).href);
  } else if (event.key === "g") waitingForPlace = performance.now() + 1500;
  else if (event.key === "?") dialog?.showModal();
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    event.preventDefault();
    if (search) search.focus();
    else if (place("c")) location.assign(place("c").href);
  }
});

// Menus of the navigation close by Escape and by a click elsewhere; without scripts by their heading.
const menus = [...document.querySelectorAll(".menu")];
document.addEventListener("click", (event) => {
  for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = menus.find((one) => one.open);
  if (event.key !== "Escape" || !menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.querySelector("[data-help]")?.addEventListener("click", (event) => {
  event.preventDefault();
  dialog?.showModal();
});

for (const form of document.querySelectorAll("[data-autosubmit]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// Count by the server's clock: this machine's may be wrong.
const ahead = Date.parse(document.documentElement.dataset.now) - Date.now();

function tick() {
  for (const node of document.querySelectorAll("[data-until]")) {
    const left = Math.round((Date.parse(node.dataset.until) - Date.now() - ahead) / 1000);
    if (left > 0) {
      node.textContent = left >= 60 ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : `${left} s`;
    } else {
      node.textContent = node.dataset.over;
      node.closest("[data-undo] button")?.setAttribute("disabled", "");
    }
  }
}
if (document.querySelector("[data-until]")) {
  tick();
  setInterval(tick, 1000);
}
