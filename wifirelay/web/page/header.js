// SPDX-License-Identifier: GPL-2.0-or-later
// The top of the page: the sentence, what has to be said beside it, and the actions of the whole.

import { button, byKey, el, english, redraw } from './dom.js';
import { printable } from './names.js';
import { connectedOf, remarks, sentence } from './sentence.js';

// Any login page answers in its place: it is plain HTTP on purpose.
const PORTAL = 'http://detectportal.firefox.com/canonical.html';

// Where to log in: the page that the router found, or one that any portal answers for. The address
// is a stranger's: only as a link, and only of the web.
function portalOf(status) {
  const found = status?.internet?.portal_url;
  return typeof found === 'string' && /^https?:\/\//.test(found) ? found : PORTAL;
}

/** `parts`: `said` (live), `beside`, `actions`. `on`: `run`, `leave`, `best`, `rescan`. */
export function drawHeader(parts, words, state, away, view, on) {
  const said = sentence({ ...state, away });
  const { request, status } = state;
  parts.root.setAttribute('data-wr-tone', said.tone);
  const hint =
    said.key === 'router_error'
      ? state.error.hint
      : said.key === 'paused'
        ? status.service.paused
        : said.key === 'away'
          ? (state.error?.error ?? '')
          : '';
  // The seconds are counted for the eyes: a screen reader is told once.
  redraw(parts.said, [words.lang, said.key, said.values.name, said.values.text, said.tone], () => [
    el('span', { class: `wr-dot wr-dot-${said.tone}`, 'aria-hidden': 'true' }),
    el(
      'span',
      { 'data-wr-sentence': said.key },
      said.values.n === undefined
        ? words.tell(said.key, said.values)
        : counted(words, said.key, said.values),
    ),
  ]);
  const count = parts.said.querySelector('.wr-count');
  if (count) count.textContent = String(said.values.n);
  const detail = printable(hint || (said.key.startsWith('away') ? '' : detailOf(status, words)));
  const shownPortal = portalOf(status);
  const beside = [words.lang, said.key, detail, shownPortal, remarks(status), request?.what];
  redraw(parts.beside, beside, () => [
    detail && el('p', { class: 'wr-quiet' }, hint ? english(detail) : detail),
    said.action === 'portal' &&
      el(
        'a',
        {
          ...{ class: 'wr-button wr-main', href: shownPortal },
          ...{ target: '_blank', rel: 'noopener noreferrer', 'data-wr-key': 'portal' },
        },
        words.say('portal_action'),
      ),
    said.action === 'run' && goOn(words, request, on),
    remarks(status).map((each) =>
      el(
        'p',
        { class: `wr-remark wr-remark-${each.tone}`, 'data-wr-remark': each.key },
        words.tell(each.key, each.values),
        each.action === 'run' && goOn(words, request, on),
      ),
    ),
  ]);
  const uplink = connectedOf(status);
  const model = [words.lang, uplink?.network, request?.what, view.leaving, Boolean(state.scan)];
  redraw(parts.actions, model, () => actions(words, uplink, request, view, on));
}

/** What the seconds stand in is told apart, so that only they change. */
function counted(words, key, values) {
  return words.tell(key, { ...values, n: '\u0000' }).flatMap((part) => {
    if (typeof part !== 'string' || part !== '\u0000') return [part];
    return [el('span', { class: 'wr-count', 'aria-hidden': 'true' })];
  });
}

function detailOf(status, words) {
  const uplink = connectedOf(status);
  if (uplink === null) return '';
  const parts = [];
  const seconds = status.service?.online_seconds;
  if (seconds !== null && seconds !== undefined && status.internet?.verdict === 'online') {
    // By tens: it is no stop watch.
    parts.push(words.say('online_for', { n: words.span(seconds < 100 ? 10 * Math.ceil(seconds / 10) : seconds) }));
  }
  const left = status.internet?.portal_api?.seconds_left;
  if (Number.isInteger(left) && status.internet.verdict === 'online') {
    parts.push(words.say('login_lasts', { n: words.span(left) }));
  }
  if (uplink.signal_dbm !== null) parts.push(words.say('signal_at', { n: uplink.signal_dbm }));
  parts.push(...uplink.addresses);
  return parts.join(' · ');
}

function goOn(words, request, on) {
  return button(words.say('go_on'), 'main', on.run, { disabled: Boolean(request) });
}

function actions(words, uplink, request, view, on) {
  const busy = Boolean(request);
  const looking = request?.what === 'rescan';
  if (view.leaving && uplink) {
    return el(
      'div',
      { class: 'wr-ask', role: 'group', 'aria-label': words.say('leave') },
      el('p', {}, words.tell('leave_ask', { name: uplink.network ?? '' })),
      button(words.say('leave_yes'), 'danger', on.leave, { disabled: busy }),
      button(words.say('cancel'), 'plain', () => on.leaving(false), { 'data-wr-key': 'leave-no' }),
    );
  }
  return el(
    'div',
    { class: 'wr-actions' },
    !uplink &&
      button(words.say('join_best'), 'main', on.best, { disabled: busy, 'data-wr-key': 'best' }),
    button(words.say(looking ? 'rescanning' : 'rescan'), 'plain', on.rescan, {
      ...{ disabled: busy, 'data-wr-key': 'rescan', 'aria-busy': looking ? 'true' : null },
    }),
    uplink &&
      button(words.say('leave'), 'plain', () => on.leaving(true), {
        ...{ disabled: busy, 'data-wr-key': 'leave' },
      }),
  );
}

/** After the question was opened or closed: where the focus belongs. */
export function focusLeaving(parts, leaving) {
  byKey(parts.actions, leaving ? 'leave-no' : 'leave')?.focus();
}
