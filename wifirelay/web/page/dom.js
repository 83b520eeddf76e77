// SPDX-License-Identifier: GPL-2.0-or-later
// Elements out of values. Text goes in as text and nothing else: no markup is ever parsed, so a
// stranger's name cannot be more than a name.

const SVG = 'http://www.w3.org/2000/svg';
const drawn = new WeakMap();
let counter = 0;

/** An id that nothing else on the page has, for labels and descriptions. */
export function freshId() {
  counter += 1;
  return `wr-${counter}`;
}

/**
 * An element. `props`: `class`, `onclick` and the like, `text`, and attributes; true is an empty
 * attribute, false and null none. Children: nodes, texts, lists of them; null is nothing.
 */
export function el(tag, props = {}, ...children) {
  return built(document.createElement(tag), props, children);
}

/** The same for a drawing. */
export function svg(tag, props = {}, ...children) {
  return built(document.createElementNS(SVG, tag), props, children);
}

function built(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'text') node.textContent = value;
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...flat(children));
  return node;
}

function flat(children) {
  return children
    .flat(Infinity)
    .filter((each) => each !== null && each !== undefined && each !== false);
}

/**
 * Draw `node` anew, but only when `model` is another than the last time: so that a screen reader
 * is told nothing twice. What had the focus and what was unfolded, by `data-wr-key`, stays so.
 */
export function redraw(node, model, make) {
  const signature = JSON.stringify(model);
  if (drawn.get(node) === signature) return;
  drawn.set(node, signature);
  const focused = node.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  const unfolded = new Set([...node.querySelectorAll('details[open]')].map(keyOf));
  node.replaceChildren(...flat([make()]));
  for (const each of node.querySelectorAll('details')) {
    if (keyOf(each) !== null && unfolded.has(keyOf(each))) each.open = true;
  }
  if (focused !== null) byKey(node, focused)?.focus({ preventScroll: true });
}

function keyOf(node) {
  return node.getAttribute('data-wr-key');
}

/** The element below `node` with this `data-wr-key`, or null. */
export function byKey(node, key) {
  for (const each of node.querySelectorAll('[data-wr-key]')) {
    if (keyOf(each) === key) return each;
  }
  return null;
}

/** A button. `kind`: `main`, `danger`, `plain` or `link`. */
export function button(text, kind, onclick, props = {}) {
  return el('button', { type: 'button', class: `wr-button wr-${kind}`, onclick, ...props }, text);
}

/** Words of the router, which are English whatever the page's language is. */
export function english(text) {
  return el('span', { lang: 'en', text });
}
