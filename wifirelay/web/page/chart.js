// SPDX-License-Identifier: GPL-2.0-or-later
// The air of each band as a picture: channels across, dBm up, a hump for each access point; and the
// same as a table, for whoever does not see it.

import { el, redraw, svg } from './dom.js';
import { isHidden, nameNode, shown } from './names.js';
import { BANDS } from './networks.js';

const WIDTH = 400;
const HEIGHT = 190;
const [LEFT, RIGHT, TOP, BOTTOM] = [30, 8, 16, 22];
const [FLOOR, CEILING] = [-100, -20]; // dBm
const MARGIN = 5; // MHz beside the outermost hump
const LABEL = 14; // characters of a name that fit
const LABEL_ROOM = 56; // between two names in the picture

/** The middle of a 20 MHz channel, in MHz (IEEE 802.11). */
function frequency(band, channel) {
  if (band === '2g') return channel === 14 ? 2484 : 2407 + 5 * channel;
  return (band === '5g' ? 5000 : 5950) + 5 * channel;
}

export function drawCharts(node, words, { scan, status }) {
  const own = new Set((status?.access_points ?? []).map((each) => each.ssid_hex));
  const heard = (scan?.bss ?? []).filter(
    (each) => BANDS[each.band] && each.channel && each.signal_dbm !== null,
  );
  redraw(node, [words.lang, heard, [...own]], () => {
    if (heard.length === 0) return el('p', { class: 'wr-quiet' }, words.say('no_scan'));
    return [
      el(
        'p',
        { class: 'wr-legend', 'aria-hidden': 'true' },
        ['known', 'own', 'other'].map((kind) =>
          el('span', { class: `wr-key wr-key-${kind}` }, words.say(`legend_${kind}`)),
        ),
      ),
      Object.keys(BANDS).map((band) => {
        const inBand = heard.filter((each) => each.band === band);
        return inBand.length > 0 && [chart(words, band, inBand, own), table(words, band, inBand)];
      }),
    ];
  });
}

function chart(words, band, heard, own) {
  const middles = new Map(heard.map((each) => [each.channel, frequency(band, each.channel)]));
  const edge = (side) => (each) => middles.get(each.channel) + (side * each.width_mhz) / 2;
  const low = Math.min(...heard.map(edge(-1))) - MARGIN;
  const high = Math.max(...heard.map(edge(1))) + MARGIN;
  const across = (mhz) =>
    LEFT + ((WIDTH - LEFT - RIGHT) * (Math.min(Math.max(mhz, low), high) - low)) / (high - low);
  const up = (dbm) => {
    const share = (Math.min(Math.max(dbm, FLOOR), CEILING) - FLOOR) / (CEILING - FLOOR);
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share;
  };
  const label = words.say('chart_label', { band: BANDS[band], n: heard.length });
  const kind = (bss) => (own.has(bss.ssid_hex) ? 'own' : bss.known ? 'known' : 'other');
  const strongFirst = [...heard].sort((a, b) => b.signal_dbm - a.signal_dbm);
  // The own and the known lie on the others, and have their names first.
  const others = strongFirst.filter((each) => kind(each) === 'other');
  const told = strongFirst.filter((each) => kind(each) !== 'other');
  return svg(
    'svg',
    { class: 'wr-chart', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label },
    svg('text', { class: 'wr-band', x: LEFT, y: 11 }, BANDS[band]),
    [-90, -70, -50, -30].map((dbm) => [
      svg('line', { class: 'wr-grid', x1: LEFT, x2: WIDTH - RIGHT, y1: up(dbm), y2: up(dbm) }),
      svg('text', { class: 'wr-axis', x: 2, y: up(dbm) + 4 }, dbm),
    ]),
    spaced([...middles], ([, mhz]) => across(mhz), 20).map(([channel, mhz]) =>
      svg(
        'text',
        { class: 'wr-axis', 'text-anchor': 'middle', x: across(mhz), y: HEIGHT - 6 },
        channel,
      ),
    ),
    [...others, ...told].map((each) => hump(each, { across, up }, kind(each))),
    names([...told, ...others], { across, up }),
  );
}

/** One access point: as wide as its channel, as high as it is strong. */
function hump(bss, { across, up }, kind) {
  const middle = frequency(bss.band, bss.channel);
  const [left, right] = [-1, 1].map((side) => across(middle + (side * bss.width_mhz) / 2));
  const [x, top, foot] = [across(middle), up(bss.signal_dbm), up(FLOOR)];
  // A quadratic curve reaches half as high as its control point.
  const d = `M${left} ${foot}Q${x} ${2 * top - foot} ${right} ${foot}`;
  return svg('path', { class: `wr-hump wr-hump-${kind}`, d });
}

/** As many names as there is room for; one that would lie on another is left to the table. */
function names(inOrder, { across, up }) {
  const taken = [];
  return inOrder.map((bss) => {
    const half = LABEL_ROOM / 2;
    const middle = across(frequency(bss.band, bss.channel));
    const x = Math.min(Math.max(middle, LEFT + half), WIDTH - RIGHT - half);
    const y = up(bss.signal_dbm) - 3;
    const free = taken.every((t) => Math.abs(t.x - x) > LABEL_ROOM || Math.abs(t.y - y) > 11);
    if (!free || isHidden(bss.ssid_hex)) return null;
    taken.push({ x, y });
    const name = [...shown(bss.ssid)];
    const short = name.length <= LABEL ? name : [...name.slice(0, LABEL - 1), '…'];
    return svg('text', { class: 'wr-hump-name', 'text-anchor': 'middle', x, y }, short.join(''));
  });
}

function spaced(items, where, room) {
  let last = -Infinity;
  return [...items]
    .sort((a, b) => where(a) - where(b))
    .filter((each) => {
      if (where(each) < last + room) return false;
      last = where(each);
      return true;
    });
}

function table(words, band, heard) {
  const cell = (each) => el('td', {}, each);
  return el(
    'details',
    { 'data-wr-key': `table-${band}` },
    el('summary', {}, `${BANDS[band]}: ${words.say('chart_table')}`),
    el(
      'div',
      { class: 'wr-scroll', tabindex: 0, role: 'region', 'aria-label': BANDS[band] },
      el(
        'table',
        { class: 'wr-table' },
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            ['name', 'channel', 'signal', 'security'].map((each) =>
              el('th', { scope: 'col' }, words.say(`col_${each}`)),
            ),
          ),
        ),
        el(
          'tbody',
          {},
          heard.map((each) =>
            el(
              'tr',
              {},
              el(
                'th',
                { scope: 'row' },
                isHidden(each.ssid_hex) ? words.say('hidden') : nameNode(each.ssid),
              ),
              [each.channel, each.signal_dbm, each.security].map(cell),
            ),
          ),
        ),
      ),
    ),
  );
}
