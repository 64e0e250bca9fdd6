// When keys are commands and when they are text.

export function typing(event) {
  const field = event.target.closest?.("input, textarea, select, [contenteditable]");
  return Boolean(field) && !["checkbox", "radio", "submit", "button"].includes(field.type);
}

export function plain(event) {
  return !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
}
