// Word-level difference of two texts: Chinese by character, other scripts by word.

const TOKEN = /\p{Script=Han}|[\p{L}\p{N}_]+|\s+|./gsu;
const LIMIT = 4_000_000; // cells of the table; beyond it the middle counts as replaced

/** Pieces [kind, text] with kind "same", "del" or "ins", in reading order. */
export function wordDiff(before, after) {
  const a = before.match(TOKEN) ?? [];
  const b = after.match(TOKEN) ?? [];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const middle = between(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return merged([
    ["same", a.slice(0, start).join("")],
    ...middle,
    ["same", a.slice(a.length - end).join("")],
  ]);
}

function between(a, b) {
  if (a.length * b.length > LIMIT) return [["del", a.join("")], ["ins", b.join("")]];
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = a[i] === b[j]
        ? longest[(i + 1) * width + j + 1] + 1
        : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  return walk(a, b, longest, width);
}

function walk(a, b, longest, width) {
  const pieces = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      pieces.push(["same", a[i]]);
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
      pieces.push(["del", a[i]]);
      i += 1;
    } else {
      pieces.push(["ins", b[j]]);
      j += 1;
    }
  }
  return pieces;
}

function merged(pieces) {
  const out = [];
  for (const [kind, text] of pieces) {
    if (!text) continue;
    if (out.at(-1)?.[0] === kind) out.at(-1)[1] += text;
    else out.push([kind, text]);
  }
  return out;
}

/** Show a difference inside an element; text only, never markup. */
export function showDiff(target, before, after) {
  const nodes = wordDiff(before, after).map(([kind, text]) => {
    if (kind === "same") return document.createTextNode(text);
    const node = document.createElement(kind);
    node.textContent = text;
    return node;
  });
  target.replaceChildren(...nodes);
}
