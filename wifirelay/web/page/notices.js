// SPDX-License-Identifier: GPL-2.0-or-later
// What is said between the sentence and the networks: a request that goes on, a join that failed,
// a guest that might be remembered, changes that are not on flash.

import { button, el, english, redraw } from './dom.js';
import { printable } from './names.js';
import { connectedOf } from './sentence.js';

/** The running trial, with its steps and seconds; nothing where none runs. */
export function drawProgress(node, words, state, away) {
  const { request } = state;
  const trial = request?.what === 'join' || request?.what === 'leave' ? request : null;
  redraw(node, [words.lang, trial, away], () => {
    if (trial === null) return null;
    return el(
      'section',
      { class: 'wr-card wr-progress', 'data-wr-notice': 'progress' },
      el('div', { class: 'wr-busybar', 'aria-hidden': 'true' }),
      trial.what === 'join' && el('p', {}, words.say('may_lose')),
      away && el('p', { class: 'wr-quiet' }, words.say('out_now')),
      trial.steps.length > 0 &&
        el('ol', { class: 'wr-steps', 'aria-label': words.say('steps') }, trial.steps.map(step)),
    );
  });
  function step(each) {
    const how = each.good === null ? 'busy' : each.good ? 'good' : 'bad';
    return el(
      'li',
      { class: `wr-step wr-step-${how}` },
      english(printable(each.text)),
      el('span', { class: 'wr-unseen' }, `, ${words.say(`step_${how}`)}`),
    );
  }
}

/** A failed join as the service's history has it, when nothing was joined since; or null. */
export function failedInHistory(history) {
  for (const each of [...(history?.history ?? [])].reverse()) {
    if (['joined', 'returned', 'internet-back'].includes(each.kind)) return null;
    if (each.kind === 'failed') {
      return {
        ...{ at: each.when, cause: each.cause, error: each.text, hint: '' },
        ...{ name: each.network, hex: each.ssid_hex },
      };
    }
  }
  return null;
}

/** The other notices. `on`: `dismiss`, `login`, `retry`, `remember`, `notNow`. */
export function drawNotices(node, words, state, view, on) {
  const { status, request } = state;
  const uplink = connectedOf(status);
  const book = state.networks?.networks ?? null;
  const inBook = book?.some((each) => each.ssid_hex === uplink?.ssid_hex) ?? true;
  const newKey = inBook && uplink !== null && view.keyed === uplink.ssid_hex;
  const guest = uplink?.ssid_hex && (!inBook || newKey) ? uplink : null;
  const failure = request ? null : (view.failure ?? failedNews(state.history, view));
  const staged = status?.staged;
  const foreign = staged?.foreign ?? [];
  const unkept = uplink !== null && uplink.kept !== 'flash';
  const asked = guest !== null && view.notNow !== guest.ssid_hex && request === null;
  const model = [words.lang, failure, asked && [guest.ssid_hex, newKey], unkept, foreign, view.said];
  redraw(node, model, () => [
    failure && failed(words, failure, on),
    view.said && card('said', 'good', el('p', {}, words.tell(view.said.key, view.said.values))),
    asked && remember(words, guest, newKey, on),
    unkept && card('not-on-flash', 'quiet', el('p', {}, words.say('not_on_flash'))),
    foreign.length > 0 && others(words, staged),
  ]);
}

function failedNews(history, view) {
  const found = failedInHistory(history);
  return found && found.at !== view.dismissedAt ? found : null;
}

function card(kind, tone, ...children) {
  return el('section', { class: `wr-card wr-card-${tone}`, 'data-wr-notice': kind }, ...children);
}

function failed(words, failure, on) {
  const key = `fail_${String(failure.cause ?? 'other').replaceAll('-', '_')}`;
  const named = failure.name !== null && failure.name !== undefined;
  const known = words.has(key) ? key : 'fail_other';
  return card(
    'failed',
    'bad',
    el(
      'p',
      { class: 'wr-strong' },
      words.tell(named ? known : 'fail_request', { name: failure.name }),
    ),
    failure.unsent && el('p', {}, words.say('not_sent')),
    failure.lost && el('p', {}, words.say('lost_answer')),
    failure.cause && el('p', { class: 'wr-quiet' }, words.say('failed_after')),
    failure.error &&
      el(
        'details',
        { 'data-wr-key': 'failed-details' },
        el('summary', {}, words.say('details')),
        el('p', {}, english(printable(failure.error))),
        failure.hint && el('p', {}, english(printable(failure.hint))),
      ),
    el(
      'div',
      { class: 'wr-actions' },
      failure.cause === 'portal' &&
        failure.hex &&
        button(words.say('join_and_log_in'), 'main', () => on.login(failure)),
      ['wrong-key', 'refused'].includes(failure.cause) &&
        failure.hex &&
        button(words.say('try_again'), 'main', () => on.retry(failure)),
      button(words.say('dismiss'), 'plain', () => on.dismiss(failure)),
    ),
  );
}

function remember(words, guest, newKey, on) {
  const key = newKey ? 'remember_key_ask' : 'remember_ask';
  return card(
    'remember',
    'accent',
    el('p', { class: 'wr-strong' }, words.tell(key, { name: guest.network ?? '' })),
    el(
      'div',
      { class: 'wr-actions' },
      button(words.say('remember'), 'main', () => on.remember(guest)),
      button(words.say('not_now'), 'plain', () => on.notNow(guest)),
    ),
  );
}

function others(words, staged) {
  return card(
    'foreign',
    'warn',
    el('p', {}, words.say('foreign', { what: printable(staged.foreign_packages.join(', ')) })),
    el(
      'details',
      { 'data-wr-key': 'foreign' },
      el('summary', {}, words.say('details')),
      el('ul', { class: 'wr-code' }, staged.foreign.map((each) => el('li', {}, english(printable(each))))),
    ),
  );
}
