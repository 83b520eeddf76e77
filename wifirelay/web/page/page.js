// SPDX-License-Identifier: GPL-2.0-or-later
// The whole page inside one element, whoever serves it: `wifirelay web` or LuCI. What it knows of
// the router comes through `call(method, args)`: an answer, or a throw when nobody answered
// (with `refused` true: the caller may not).

import { Asking } from './asking.js';
import { drawCharts } from './chart.js';
import { Panel, reason } from './dialog.js';
import { el, english, redraw } from './dom.js';
import { drawHeader, focusLeaving } from './header.js';
import { nameNode, printable } from './names.js';
import { drawNetworks } from './networks.js';
import { drawNotices, drawProgress, failedInHistory } from './notices.js';
import { connectedOf } from './sentence.js';
import { drawTimeline } from './timeline.js';
import { LANGUAGES, chosenLanguage, tagOf, wordsOf } from './words.js';

const LANGUAGE = 'wifirelay-language';
const DISMISSED = 'wifirelay-dismissed'; // when the failure was that the owner has read of
const OWN_NAMES = { en: 'English', zh: '中文' };

/**
 * Fills `root`. Returns `{destroy}`. `lang`: a language tag to begin with, else
 * the browser's; `title`: whether the document's own title and language follow.
 */
export function mount(root, call, { lang, title = false } = {}) {
  const page = new Page(root, call, lang, title);
  return { destroy: () => page.destroy() };
}

class Page {
  constructor(root, call, lang, title) {
    this.view = { showAll: false, leaving: false, failure: null, said: null, notNow: null };
    Object.assign(this.view, { dismissedAt: remembered(DISMISSED), keyed: null });
    this.words = wordsOf(chosenLanguage(remembered(LANGUAGE) ?? lang));
    this.root = root;
    this.title = title;
    this.panel = null;
    this.asking = new Asking(call, () => this.draw());
    this.asking.finished = (request, answer) => this.finished(request, answer);
    this.build();
    this.asking.start();
    this.timer = setInterval(() => this.draw(), 1000); // the seconds without an answer
  }

  destroy() {
    this.asking.stop();
    clearInterval(this.timer);
    this.panel?.dialog.close();
    this.root.replaceChildren();
  }

  build() {
    const part = (props = {}, tag = 'div') => el(tag, props);
    const { words } = this;
    this.parts = {
      said: part({ class: 'wr-said', 'aria-live': 'polite', 'aria-atomic': 'true' }, 'h1'),
      beside: part({ class: 'wr-beside' }),
      actions: part({ class: 'wr-top-actions' }),
      progress: part({ 'aria-live': 'polite' }),
      elapsed: part({ class: 'wr-quiet wr-elapsed', 'aria-hidden': 'true' }, 'p'),
      notices: part({ class: 'wr-notices', role: 'status' }),
      networks: part(),
      choice: part(),
      charts: part(),
      timeline: part(),
      footer: part({ class: 'wr-footer' }, 'footer'),
    };
    const { parts } = this;
    const card = (title, ...inside) =>
      el('section', { class: 'wr-card', 'aria-label': words.say(title), 'data-wr-section': title }, [
        el('h2', { class: 'wr-h2' }, words.say(title)),
        ...inside,
      ]);
    parts.root = el(
      'div',
      { class: 'wr-page', lang: tagOf(words.lang) },
      el('header', { class: 'wr-header' }, parts.said, parts.beside, parts.actions),
      parts.progress,
      parts.elapsed,
      parts.notices,
      el(
        'div',
        { class: 'wr-columns' },
        el('div', {}, card('networks', parts.networks)),
        el(
          'div',
          {},
          card('choice', parts.choice),
          card('air', parts.charts),
          card('history', parts.timeline),
        ),
      ),
      parts.footer,
    );
    if (this.title) {
      document.title = words.say('title');
      document.documentElement.lang = tagOf(words.lang);
    }
    this.root.replaceChildren(parts.root);
    this.draw();
  }

  draw() {
    const { parts, words, view, asking } = this;
    const { state } = asking;
    const away = asking.away();
    drawHeader(parts, words, state, away, view, this.actions());
    drawProgress(parts.progress, words, state, away > 3);
    parts.elapsed.textContent = elapsed(words, state.request);
    drawNotices(parts.notices, words, state, view, this.actions());
    drawNetworks(parts.networks, words, state, view, (hex) => this.open(hex));
    redraw(parts.choice, [words.lang, state.plan], () => choice(words, state.plan));
    drawCharts(parts.charts, words, state);
    drawTimeline(parts.timeline, words, state);
    redraw(parts.footer, [words.lang, state.status?.model, state.status?.release], () =>
      this.footer(state.status),
    );
    this.panel?.update(state);
  }

  footer(status) {
    const facts = [status?.model, status?.release].filter(Boolean).map(printable).join(' · ');
    return [
      facts && el('p', { class: 'wr-quiet' }, english(facts)),
      el(
        'div',
        { class: 'wr-languages', role: 'group', 'aria-label': this.words.say('language') },
        LANGUAGES.map((each) =>
          el(
            'button',
            {
              ...{ type: 'button', class: 'wr-button wr-plain', lang: tagOf(each) },
              ...{ 'aria-pressed': String(each === this.words.lang), 'data-wr-key': `lang-${each}` },
              onclick: () => this.speak(each),
            },
            OWN_NAMES[each],
          ),
        ),
      ),
    ];
  }

  speak(lang) {
    remember(LANGUAGE, lang);
    this.words = wordsOf(lang);
    this.build();
    this.parts.footer.querySelector(`[data-wr-key="lang-${lang}"]`)?.focus();
  }

  open(hex, options = {}) {
    if (this.panel) return;
    this.panel = new Panel(this.parts.root, this.words, hex, this.actions(), options);
    this.panel.show(this.asking.state);
  }

  actions() {
    return {
      join: (entry, key, login) => this.join(entry.hex, entry.name, key, login),
      login: ({ hex, name, key }) => this.join(hex, name, key, true),
      retry: ({ hex }) => this.open(hex, { typed: true }),
      best: () => this.join(null, null),
      run: () => this.ask('run', {}),
      rescan: () => this.ask('rescan', {}),
      leaving: (value) => {
        this.view.leaving = value;
        this.draw();
        focusLeaving(this.parts, value);
      },
      leave: () => {
        this.view.leaving = false;
        this.ask('leave', {});
      },
      remember: (guest) => this.ask('remember', { ssid_hex: guest.ssid_hex }),
      notNow: (guest) => {
        this.view.notNow = guest.ssid_hex;
        this.draw();
      },
      prefer: (entry, priority) => this.ask('prefer', { ssid_hex: entry.hex, priority }),
      forget: (entry) => this.ask('forget', { ssid_hex: entry.hex }),
      dismiss: () => this.dismiss(),
      closed: () => {
        this.panel = null;
      },
    };
  }

  dismiss() {
    this.view.failure = null;
    this.key = undefined;
    const at = failedInHistory(this.asking.state.history)?.at ?? null;
    this.view.dismissedAt = at;
    if (at !== null) remember(DISMISSED, at);
    this.draw();
  }

  /** The key stays in this page's memory until it is known whether it has to be sent again. */
  join(hex, name, key, login) {
    const args = {};
    if (hex !== null) args.ssid_hex = hex;
    if (key !== undefined) args.key = key;
    if (login) args.login = true;
    this.key = key;
    return this.ask('join', args, { name, hex, keyed: key !== undefined });
  }

  async ask(method, args, about = {}) {
    this.view.failure = null;
    this.view.said = null;
    const request = { what: method, name: null, hex: null, ...about };
    const answer = await this.asking.request(method, args, request);
    if (answer && answer.state === undefined) this.failed(request, answer); // not even sent
  }

  finished(request, answer) {
    const joined = answer.state === 'done' && answer.exit === 0;
    if (joined || this.nowConnected(request, answer)) {
      if (request.what === 'join') this.said('joined_now', request);
      if (request.what === 'join') this.view.keyed = request.keyed ? request.hex : null;
      if (request.what === 'remember') this.view.keyed = null;
      if (request.what === 'leave') this.said('left_now', request);
      this.key = undefined;
    } else {
      this.failed(request, answer);
    }
  }

  /** The answer is gone: what the router's state says counts. */
  nowConnected(request, answer) {
    const uplink = connectedOf(this.asking.state.status);
    if (answer.state !== 'lost') return false;
    if (request.what === 'join') return uplink !== null && uplink.ssid_hex === request.hex;
    return request.what === 'leave' && uplink === null;
  }

  said(key, { name }) {
    const uplink = connectedOf(this.asking.state.status);
    this.view.said = { key, values: { name: name ?? uplink?.network ?? '' } };
    setTimeout(() => {
      this.view.said = null;
      this.draw();
    }, 10000);
  }

  failed(request, answer) {
    const { error = '', hint = '', cause = null, unsent = false } = answer;
    const lost = answer.state === 'lost';
    if (cause !== 'portal') this.key = undefined;
    const key = this.key;
    // Not enumerable: what is drawn, compared or stored never has it.
    const news = failedInHistory(this.asking.state.history);
    // Asked for the best one: the history tells which that was.
    const which = request.hex === null && cause !== null && news ? news : request;
    const { name, hex } = which;
    this.view.failure = Object.defineProperty(
      { error, hint, cause, unsent, lost, name, hex, at: Date.now() },
      'key',
      { value: key, enumerable: false },
    );
    this.view.dismissedAt = news?.at ?? null;
    this.draw();
  }
}

/** Outside of what is read aloud: it changes each second. */
function elapsed(words, request) {
  if (request?.what !== 'join' && request?.what !== 'leave') return '';
  return words.say('elapsed', { n: Math.round((Date.now() - request.since) / 1000) });
}

/** What would be joined and why, and why not the others. */
function choice(words, plan) {
  if (!plan?.decision) return el('p', { class: 'wr-quiet' }, words.say('choice_none'));
  const { decision, candidates } = plan;
  return [
    el('p', {}, english(printable(decision.why))),
    candidates.length > 0 &&
      el(
        'details',
        { 'data-wr-key': 'choice' },
        el('summary', {}, words.say('details')),
        candidates.map((each) => [
          el('h3', { class: 'wr-h3' }, nameNode(each.network ?? '')),
          reason(words, each),
        ]),
      ),
  ];
}

function remembered(what) {
  try {
    return localStorage.getItem(what);
  } catch {
    return null;
  }
}

function remember(what, value) {
  try {
    localStorage.setItem(what, value);
  } catch {
    // for this time only
  }
}
