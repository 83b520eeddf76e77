// SPDX-License-Identifier: GPL-2.0-or-later
// What happened, from the history: when the uplink worked and the own access points were on the
// air, as two bars; and every event as text.

import { el, english, redraw, svg } from './dom.js';
import { printable } from './names.js';

const WINDOW = 6 * 3600e3; // ms that the bars go back
const LEAST = 600e3;
const LISTED = 8; // events at once; the earlier ones are folded
const WIDTH = 400;

const UPLINK = {
  joined: 'up',
  returned: 'up',
  'internet-back': 'up',
  'internet-lost': 'limited',
  'needs-login': 'limited',
  lost: 'down',
  resting: 'down',
  stopped: 'unknown',
  unreachable: 'unknown',
};
const OWN = {
  started: 'up',
  reached: 'up',
  joined: 'up', // a trial without them is taken back
  'own-ap-on': 'up',
  'own-ap-off': 'down',
  stopped: 'unknown',
  unreachable: 'unknown',
};

export function drawTimeline(node, words, { history, status }) {
  const events = (history?.history ?? []).map((each) => ({ ...each, ms: timeOf(each.when) }));
  redraw(node, [words.lang, events, minute(status)], () => {
    if (events.length === 0) return el('p', { class: 'wr-quiet' }, words.say('no_history'));
    const latest = [...events].reverse();
    return [
      bars(words, events, status),
      list(words, latest.slice(0, LISTED)),
      latest.length > LISTED &&
        el(
          'details',
          { 'data-wr-key': 'earlier' },
          el('summary', {}, words.say('earlier')),
          list(words, latest.slice(LISTED)),
        ),
    ];
  });
}

// Python writes +0000, which not every browser reads.
function timeOf(when) {
  return Date.parse(String(when).replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
}

// The router's clock may be wrong: its service's own time is the one that the events go by.
function nowOf(events, status) {
  const last = Math.max(...events.map((each) => each.ms).filter(Number.isFinite));
  const told = timeOf(status?.service?.when);
  return Math.max(Number.isFinite(told) ? told : Math.min(Date.now(), last + WINDOW), last);
}

function minute(status) {
  return Math.floor((timeOf(status?.service?.when) || Date.now()) / 60e3);
}

/** `[{from, to, state}]` out of events that change it. */
function stretches(events, table, from, to) {
  const found = [];
  let [state, since] = ['unknown', from];
  for (const each of events) {
    const next = table[each.kind];
    if (next === undefined || next === state || !Number.isFinite(each.ms)) continue;
    const at = Math.min(Math.max(each.ms, from), to);
    if (at > since) found.push({ from: since, to: at, state });
    [state, since] = [next, Math.max(at, since)];
  }
  if (to > since) found.push({ from: since, to, state });
  return found;
}

function bars(words, events, status) {
  const to = nowOf(events, status);
  const first = Math.min(...events.map((each) => each.ms).filter(Number.isFinite));
  if (!Number.isFinite(to) || !Number.isFinite(first)) return null;
  const from = Math.max(to - WINDOW, Math.min(first, to - LEAST));
  const across = (ms) => (WIDTH * (ms - from)) / (to - from);
  const bar = (y, rows) =>
    rows.map((each) =>
      svg('rect', {
        ...{ x: across(each.from), y, height: 14, class: `wr-run wr-run-${each.state}` },
        width: Math.max(1, across(each.to) - across(each.from)),
      }),
    );
  const text = (x, y, said, anchor = 'start') =>
    svg('text', { class: 'wr-axis', x, y, 'text-anchor': anchor }, said);
  const label = words.say('timeline_label', { n: words.span((to - from) / 1000) });
  return [
    svg(
      'svg',
      { class: 'wr-chart', viewBox: `0 0 ${WIDTH} 88`, role: 'img', 'aria-label': label },
      text(0, 11, words.say('row_uplink')),
      bar(16, stretches(events, UPLINK, from, to)),
      text(0, 47, words.say('row_own')),
      bar(52, stretches(events, OWN, from, to)),
      text(0, 82, clock(words, from)),
      text(WIDTH, 82, clock(words, to), 'end'),
    ),
    el(
      'p',
      { class: 'wr-legend', 'aria-hidden': 'true' },
      ['up', 'limited', 'down', 'unknown'].map((each) =>
        el('span', { class: `wr-key wr-key-${each}` }, words.say(`legend_${each}`)),
      ),
    ),
  ];
}

function clock(words, ms) {
  const tag = words.lang === 'zh' ? 'zh-Hans' : undefined;
  return new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit' }).format(ms);
}

function list(words, events) {
  return el(
    'ol',
    { class: 'wr-events', role: 'list' },
    events.map((each) =>
      el(
        'li',
        { class: `wr-event wr-event-${String(each.kind).replace(/[^a-z-]/g, '')}` },
        el('time', { class: 'wr-quiet' }, Number.isFinite(each.ms) ? clock(words, each.ms) : ''),
        english(printable(each.text)),
      ),
    ),
  );
}
