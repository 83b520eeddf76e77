// SPDX-License-Identifier: GPL-2.0-or-later
// A network's name for people: up to 32 bytes that a stranger chose, made harmless and unmistakable.
// The same rules as `shown` and `printable` of wifirelay's values.py.

import { el } from './dom.js';

// What is there and not to be seen, although it counts as printable: first and last of each range.
const UNSEEN = [
  ...[[0x34f, 0x34f], [0x115f, 0x1160], [0x17b4, 0x17b5], [0x180b, 0x180d], [0x180f, 0x180f]],
  ...[[0x2800, 0x2800], [0x3164, 0x3164], [0xfe00, 0xfe0f], [0xffa0, 0xffa0]],
  ...[[0x1d159, 0x1d159], [0xe0100, 0xe01ef]],
];
// Controls, formats (bidirectional overrides, zero width), private, lone surrogates, unassigned,
// and every blank but the plain one.
const UNPRINTABLE = /[\p{C}\p{Z}]/u;
const BLANK = '\\x20';

/** A message that may hold shown names: nothing in it that cannot be seen. */
export function printable(text) {
  let out = '';
  for (const char of String(text)) out += seen(char) ? char : escaped(char);
  return out;
}

/** A name: also its backslashes, and the blanks at either end, are told apart. */
export function shown(text) {
  const doubled = String(text).replaceAll('\\', '\\\\');
  const inner = doubled.replace(/^ +| +$/g, '');
  const left = inner === '' ? doubled.length : doubled.search(/[^ ]/);
  const right = doubled.length - left - inner.length;
  return BLANK.repeat(left) + printable(inner) + BLANK.repeat(right);
}

function seen(char) {
  if (char === ' ') return true;
  const code = char.codePointAt(0);
  return !UNPRINTABLE.test(char) && !UNSEEN.some(([low, high]) => low <= code && code <= high);
}

function escaped(char) {
  const code = char.codePointAt(0);
  const hex = (digits) => code.toString(16).padStart(digits, '0');
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code < 0x80) return `\\x${hex(2)}`;
  return code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`;
}

/** The name as an element: its writing direction does not leak into what stands beside it. */
export function nameNode(text) {
  return el('bdi', { class: 'wr-name', translate: 'no', text: shown(text) });
}

/** Whether a BSS does not tell its name. */
export function isHidden(ssidHex) {
  return !ssidHex || /^(00)*$/.test(ssidHex);
}
