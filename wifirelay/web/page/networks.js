// SPDX-License-Identifier: GPL-2.0-or-later
// The list of networks: one button each. What it opens is dialog.js's.

import { button, el, redraw, svg } from './dom.js';
import { entriesOf, lockOf } from './entries.js';
import { nameNode } from './names.js';
import { quality } from './sentence.js';

export const BANDS = { '2g': '2.4 GHz', '5g': '5 GHz', '6g': '6 GHz' };
const FIRST = 12; // of the others, until all are asked for

/** Draws into `node`; `open(hex)` is called for the one that is tapped. */
export function drawNetworks(node, words, state, view, open) {
  const found = entriesOf(state);
  const all = () => {
    view.showAll = true;
    drawNetworks(node, words, state, view, open);
  };
  const model = [words.lang, view.showAll, found, state.scan === null];
  redraw(node, model, () => drawn(words, found, view.showAll, { open, all }, state.scan === null));
}

function drawn(words, found, showAll, on, unheard) {
  const { known, others, away, hidden } = found;
  const some = showAll ? others : others.slice(0, FIRST);
  const nothing = known.length + others.length === 0;
  return [
    nothing && el('p', { class: 'wr-quiet' }, words.say(unheard ? 'no_scan' : 'none_heard')),
    known.length > 0 && el('h3', { class: 'wr-h3' }, words.say('known')),
    known.length > 0 && list(words, known, on.open),
    !nothing && known.length === 0 && el('p', { class: 'wr-quiet' }, words.say('none_known')),
    others.length > 0 && el('h3', { class: 'wr-h3' }, words.say('others')),
    others.length > 0 && list(words, some, on.open),
    some.length < others.length &&
      button(words.say('show_all', { n: others.length }), 'plain', on.all, {
        'data-wr-key': 'show-all',
      }),
    hidden > 0 &&
      el(
        'p',
        { class: 'wr-quiet' },
        words.say(hidden === 1 ? 'hidden_one' : 'hidden_many', { n: hidden }),
      ),
    away.length > 0 &&
      el(
        'details',
        { 'data-wr-key': 'away' },
        el('summary', {}, words.say('out_of_range', { n: away.length })),
        list(words, away, on.open),
      ),
  ];
}

function list(words, entries, open) {
  return el(
    'ul',
    { class: 'wr-list', role: 'list' },
    entries.map((each) => el('li', {}, row(words, each, open))),
  );
}

function row(words, entry, open) {
  const lock = lockOf(entry.security);
  const tags = [
    entry.connected && 'is_connected',
    entry.login && 'is_login',
    entry.suspects.length > 0 && 'is_suspect',
    entry.known && !entry.connected && 'is_known',
  ].filter(Boolean);
  const strength = words.say(`signal_${quality(entry.signal) ?? 'none'}`);
  const locked = words.say(lock === 'open' || lock === 'owe' ? 'is_open' : 'is_secured');
  const guest = entry.connected && !entry.known && words.say('is_guest');
  const told = [BANDS[entry.band], entry.signal !== null && `${entry.signal} dBm`, guest];
  return el(
    'button',
    {
      type: 'button',
      class: `wr-row${entry.connected ? ' wr-row-on' : ''}`,
      'aria-haspopup': 'dialog',
      'data-wr-key': `net-${entry.hex}`,
      'data-wr-ssid': entry.hex,
      onclick: () => open(entry.hex),
    },
    bars(entry.signal),
    el(
      'span',
      { class: 'wr-row-text' },
      el('span', { class: 'wr-row-name' }, nameNode(entry.name)),
      el('span', { class: 'wr-unseen' }, `, ${strength}, ${locked}, `), // what the icons say
      el('span', { class: 'wr-row-facts' }, told.filter(Boolean).join(' · ')),
    ),
    tags.map((tag) => [' ', el('span', { class: `wr-tag wr-tag-${tag}` }, words.say(tag))]),
    lock === 'open' || lock === 'owe' ? null : padlock(),
  );
}

/** One to four bars. */
export function bars(dbm) {
  const level = dbm === null ? 0 : dbm >= -60 ? 4 : dbm >= -68 ? 3 : dbm >= -76 ? 2 : 1;
  return svg(
    'svg',
    { class: 'wr-bars', viewBox: '0 0 20 16', 'aria-hidden': 'true', focusable: 'false' },
    [0, 1, 2, 3].map((n) =>
      svg('rect', {
        ...{ x: n * 5, y: 12 - n * 4, width: 3.5, height: 4 + n * 4, rx: 1 },
        class: n < level ? 'wr-bar-on' : 'wr-bar-off',
      }),
    ),
  );
}

function padlock() {
  return svg(
    'svg',
    { class: 'wr-lock', viewBox: '0 0 16 16', 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { d: 'M5 7V5a3 3 0 0 1 6 0v2', fill: 'none', 'stroke-width': 1.6 }),
    svg('rect', { x: 3, y: 7, width: 10, height: 7, rx: 1.5 }),
  );
}
