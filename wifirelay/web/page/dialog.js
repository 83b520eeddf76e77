// SPDX-License-Identifier: GPL-2.0-or-later
// The panel of one network: what it is, why it is chosen or not, and what can be done with it.

import { button, byKey, el, english, freshId, redraw } from './dom.js';
import { entriesOf, lockOf, movedPriority, passwordFault } from './entries.js';
import { nameNode, printable, shown } from './names.js';
import { BANDS } from './networks.js';

/** Opens over `root`. `on`: `join(entry, key, login)`, `prefer`, `forget`, `closed`. */
export class Panel {
  constructor(root, words, hex, on, options = {}) {
    Object.assign(this, { root, words, hex, on, typed: options.typed ?? false, removing: false });
    this.head = el('div', {});
    this.entry = el('div', {});
    this.rest = el('div', {});
    this.dialog = el(
      'dialog',
      { class: 'wr-dialog', onclose: () => this.gone() },
      el('div', { class: 'wr-dialog-in' }, this.head, this.entry, this.rest),
    );
    this.dialog.addEventListener('click', (event) => {
      if (event.target === this.dialog) this.dialog.close(); // beside it
    });
  }

  show(state) {
    this.root.append(this.dialog);
    this.update(state);
    this.dialog.showModal();
    const first = ['password', 'join'].map((key) => byKey(this.dialog, key)).find(Boolean);
    first?.focus();
  }

  gone() {
    this.dialog.remove();
    byKey(this.root, `net-${this.hex}`)?.focus();
    this.on.closed();
  }

  update(state) {
    const { known, others, away } = entriesOf(state);
    const found = [...known, ...others, ...away].find((each) => each.hex === this.hex);
    if (!found) {
      this.dialog.close();
      return;
    }
    this.state = state;
    const { words } = this;
    const busy = state.request !== null;
    this.dialog.setAttribute('aria-label', shown(found.name));
    redraw(this.head, [found], () => this.heading(found));
    // Not for every change: what is typed must stay.
    redraw(this.entry, [words.lang, found.known, found.security, this.typed, busy], () =>
      this.entrance(found, busy),
    );
    const order = [1, -1].map((step) => movedPriority(state.networks, this.hex, step));
    redraw(this.rest, [found, order, busy, this.removing], () => [
      found.known && this.owned(found, order, busy),
      this.reasons(found),
    ]);
  }

  heading(found) {
    const { words } = this;
    return [
      el(
        'div',
        { class: 'wr-dialog-head' },
        el('h2', { class: 'wr-h2' }, nameNode(found.name)),
        button('×', 'plain', () => this.dialog.close(), {
          'aria-label': words.say('close'),
          class: 'wr-button wr-plain wr-close',
        }),
      ),
      found.bss.length > 0 &&
        el(
          'ul',
          { class: 'wr-facts', 'aria-label': words.say('access_points') },
          found.bss
            .slice(0, 6)
            .map((each) =>
              el(
                'li',
                {},
                [BANDS[each.band], each.channel && words.say('channel', { n: each.channel })]
                  .concat(each.signal_dbm === null ? [] : `${each.signal_dbm} dBm`, each.security)
                  .filter(Boolean)
                  .join(' · '),
              ),
            ),
        ),
      found.suspects.map(({ bssid, suspect }) =>
        el(
          'p',
          { class: 'wr-note wr-note-warn' },
          words.tell('why_suspect', { bssid, text: printable(suspect) }),
        ),
      ),
    ];
  }

  entrance(found, busy) {
    const { words } = this;
    const lock = lockOf(found.security);
    const note = (key, tone = '') => el('p', { class: `wr-note ${tone}` }, words.say(key));
    if (lock === 'never') return note('weak_note', 'wr-note-bad');
    if (found.known && !this.typed) {
      return el(
        'div',
        { class: 'wr-actions' },
        found.bss.length > 0 && this.joinButton('join_now', busy, () => this.join(found)),
        found.bss.length > 0 &&
          lock === 'key' &&
          button(words.say('another_password'), 'plain', () => {
            this.typed = true;
            this.update(this.state);
            byKey(this.dialog, 'password')?.focus();
          }),
      );
    }
    if (lock === 'eap') return note('eap_note');
    if (lock === 'unknown') return note('unknown_note');
    if (lock === 'key') return this.passwordForm(found, busy);
    const login = el('input', { type: 'checkbox', name: 'wr-login' });
    return [
      lock === 'open' ? note('open_warning', 'wr-note-warn') : note('owe_note'),
      el('label', { class: 'wr-check' }, login, words.say('login_box')),
      el(
        'div',
        { class: 'wr-actions' },
        this.joinButton('join', busy, () => this.join(found, undefined, login.checked)),
      ),
    ];
  }

  joinButton(key, busy, go) {
    return button(this.words.say(key), 'main', go, { 'data-wr-key': 'join', disabled: busy });
  }

  join(found, key, login) {
    this.dialog.close();
    this.on.join(found, key, login);
  }

  passwordForm(found, busy) {
    const { words } = this;
    const about = freshId();
    const fault = el('p', { class: 'wr-fault', id: about, role: 'alert' });
    const input = el('input', {
      ...{ type: 'password', class: 'wr-input', autocomplete: 'off', autocapitalize: 'none' },
      ...{ spellcheck: 'false', autocorrect: 'off', maxlength: 64, name: 'wr-key' },
      ...{ 'aria-describedby': about, 'data-wr-key': 'password' },
    });
    const toggle = button(words.say('show_password'), 'plain', () => {
      const hidden = input.type === 'password';
      input.type = hidden ? 'text' : 'password';
      toggle.textContent = words.say(hidden ? 'hide_password' : 'show_password');
      toggle.setAttribute('aria-pressed', String(hidden));
    });
    toggle.setAttribute('aria-pressed', 'false');
    const submit = (event) => {
      event.preventDefault();
      const wrong = passwordFault(input.value);
      fault.textContent = wrong ? words.say(wrong) : '';
      input.setAttribute('aria-invalid', String(wrong !== null));
      if (wrong) input.focus();
      else if (!this.state.request) this.join(found, input.value);
    };
    return el(
      'form',
      { class: 'wr-form', onsubmit: submit, novalidate: true, autocomplete: 'off' },
      el('label', { class: 'wr-label' }, words.say('password'), input),
      toggle,
      fault,
      el(
        'button',
        { type: 'submit', class: 'wr-button wr-main', disabled: busy },
        words.say('join'),
      ),
    );
  }

  owned(found, [higher, lower], busy) {
    const { words } = this;
    const move = (key, priority) =>
      button(words.say(key), 'plain', () => this.on.prefer(found, priority), {
        'data-wr-key': key,
        disabled: busy || priority === null || priority === found.priority,
      });
    const remove = (value) => () => {
      this.removing = value;
      this.update(this.state);
      byKey(this.dialog, value ? 'remove-no' : 'remove')?.focus();
    };
    return el(
      'div',
      { class: 'wr-owned' },
      el('p', { class: 'wr-quiet' }, words.say('priority', { n: found.priority })),
      el(
        'div',
        { class: 'wr-actions' },
        move('higher', higher),
        move('lower', lower),
        !this.removing &&
          button(words.say('remove'), 'danger', remove(true), {
            'data-wr-key': 'remove',
            disabled: busy,
          }),
      ),
      this.removing &&
        el(
          'div',
          { class: 'wr-ask', role: 'group', 'aria-label': words.say('remove') },
          el('p', {}, words.tell('remove_ask', { name: found.name })),
          button(words.say('remove_yes'), 'danger', () => {
            this.dialog.close();
            this.on.forget(found);
          }),
          button(words.say('cancel'), 'plain', remove(false), { 'data-wr-key': 'remove-no' }),
        ),
    );
  }

  reasons(found) {
    if (found.candidates.length === 0) return null;
    return el(
      'details',
      { 'data-wr-key': 'why' },
      el('summary', {}, this.words.say('why')),
      found.candidates.map((each) => reason(this.words, each)),
    );
  }
}

/** Why one access point is as good as it is, or is not taken. */
export function reason(words, candidate) {
  const where = [BANDS[candidate.band], candidate.bssid].filter(Boolean).join(' · ');
  return el(
    'div',
    { class: 'wr-reason' },
    el('p', { class: 'wr-reason-head' }, where),
    candidate.why_not &&
      el('p', {}, words.tell('why_not', { text: printable(candidate.why_not) })),
    candidate.score !== null && el('p', {}, words.say('why_score', { n: candidate.score })),
    candidate.terms.length > 0 &&
      el(
        'ul',
        {},
        candidate.terms.map((term) =>
          el('li', {}, `${signed(term.points)}: `, english(printable(`${term.name}, ${term.why}`))),
        ),
      ),
  );
}

function signed(points) {
  return points > 0 ? `+${points}` : String(points);
}
