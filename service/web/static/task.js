// The review page: live difference, keys, findings, streamed redrafts.

import { showDiff } from "./diff.js";
import { plain, typing } from "./typing.js";

const text = document.getElementById("text");
const diff = document.querySelector("[data-diff]");
const approve = document.querySelector("[data-approve]");

function same(a, b) {
  return a.trim() === b.trim();
}

function refresh() {
  const original = text.dataset.original;
  diff.hidden = same(text.value, original);
  if (!diff.hidden) showDiff(diff.querySelector("[data-diff-text]"), original, text.value);
  const length = document.querySelector("[data-length]");
  length.textContent = `${text.value.length} ${length.dataset.unit}`;
  const label = approve.querySelector("[data-label]");
  label.dataset.plain ??= label.textContent;
  label.textContent = same(text.value, text.dataset.newest) ? label.dataset.plain : approve.dataset.edited;
  const support = document.querySelector("[data-support]");
  if (support) {
    const old = !same(text.value, text.defaultValue);
    support.classList.toggle("old", old);
    support.querySelector("[data-support-stale]").hidden = !old;
  }
  if (!CSS.supports("field-sizing", "content")) {
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight + 2}px`;
  }
}

if (text && approve) {
  let waiting = 0;
  text.addEventListener("input", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(refresh);
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) approve.click();
    if (event.key === "Escape") text.blur();
  });
  refresh();
} else if (diff && !same(diff.dataset.old, diff.dataset.new)) {
  diff.hidden = false;
  showDiff(diff.querySelector("[data-diff-text]"), diff.dataset.old, diff.dataset.new);
}

// Findings point at characters (code points), fields count UTF-16 units.
function unit(points) {
  return [...text.defaultValue].slice(0, points).join("").length;
}

for (const button of document.querySelectorAll("[data-select]")) {
  button.addEventListener("click", () => {
    const [start, end] = button.dataset.select.split(",").map(Number);
    text?.focus();
    text?.setSelectionRange(unit(start), unit(end));
  });
}

// A sentence lights the clause it rests on while the pointer or the focus is there.
for (const said of document.querySelectorAll("[data-lights]")) {
  const clause = document.getElementById(said.dataset.lights);
  const light = (on) => () => clause.classList.toggle("lit", on);
  for (const name of ["mouseenter", "focus"]) said.addEventListener(name, light(true));
  for (const name of ["mouseleave", "blur"]) said.addEventListener(name, light(false));
}

function open(details) {
  for (const other of document.querySelectorAll("[data-pop][open]")) if (other !== details) other.open = false;
  details.open = !details.open;
  if (details.open) details.querySelector("[data-first], input[type=radio], textarea")?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const other of document.querySelectorAll("[data-pop][open]")) {
      other.open = false;
      other.querySelector("summary").focus();
    }
    return;
  }
  if (typing(event) || !plain(event) || document.querySelector("dialog[open]") || event.defaultPrevented) return;
  const pop = document.querySelector(`[data-pop="${CSS.escape(event.key)}"]`);
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (pop) open(pop);
  else if (event.key === "e" && text) text.focus();
  else if (target && !target.disabled) target.click();
  else return;
  event.preventDefault();
});

// One decision, one request: a second press of the key must not send again.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

const redraft = document.querySelector("[data-redraft]");
redraft?.addEventListener("submit", async (event) => {
  if (event.defaultPrevented) return;
  event.preventDefault();
  const shown = redraft.querySelector("[data-stream]");
  const data = new FormData(redraft, event.submitter);
  for (const button of redraft.querySelectorAll("button")) button.disabled = true;
  shown.hidden = false;
  shown.textContent = "…";
  try {
    await stream(data, shown);
  } catch {
    shown.textContent = redraft.dataset.failed;
    for (const button of redraft.querySelectorAll("button")) button.disabled = false;
    delete redraft.dataset.sent;
  }
});

async function stream(data, shown) {
  const answer = await fetch(redraft.action, {
    method: "POST",
    body: new URLSearchParams(data),
    headers: { Accept: "text/event-stream" },
  });
  if (!answer.ok || !answer.headers.get("content-type")?.startsWith("text/event-stream")) throw new Error("refused");
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error("broke off");
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const one of events) if (handle(one, shown)) return;
  }
}

function handle(event, shown) {
  const name = /^event: (.*)$/m.exec(event)?.[1];
  const data = JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? "{}");
  if (name === "text") shown.textContent = data.text;
  if (name === "restart") shown.textContent = redraft.dataset.restart ?? "…";
  if (name === "error") throw new Error(data.code);
  if (name !== "draft") return false;
  location.assign(data.href);
  return true;
}
