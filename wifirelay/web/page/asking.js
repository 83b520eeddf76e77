// SPDX-License-Identifier: GPL-2.0-or-later
// What is read again and again, and one request at a time with its answer. Knows the object's
// methods and nothing of how the page looks.

const STATUS_EVERY = 4000; // ms, while the page is looked at
const OTHERS_EVERY = 30000;
const ANSWER_EVERY = 1000;
const UNREACHED = 3; // the exit code of an answerer that does not reach the router itself
const PATIENCE = 300000; // ms that an answer is waited for
const READS = ['scan', 'plan', 'networks', 'history'];
const KEPT = 'wifirelay-request';

/** `call(method, args)` answers an object, and throws when the router is not reached. */
export class Asking {
  constructor(call, changed) {
    this.call = call;
    this.changed = changed;
    this.state = { status: null, error: null, refused: false, heardAt: Date.now(), request: null };
    for (const each of READS) this.state[each] = null;
    this.running = new Set();
    this.timers = [];
  }

  start() {
    this.visible = () => {
      if (!document.hidden) this.readAll();
    };
    document.addEventListener('visibilitychange', this.visible);
    this.timers.push(setInterval(() => document.hidden || this.read('status'), STATUS_EVERY));
    this.timers.push(setInterval(() => document.hidden || this.readOthers(), OTHERS_EVERY));
    this.readAll();
    const before = recalled();
    if (before) this.follow(before);
  }

  stop() {
    this.stopped = true;
    document.removeEventListener('visibilitychange', this.visible);
    this.timers.forEach(clearInterval);
  }

  /** Seconds since the router answered anything. */
  away() {
    return Math.round((Date.now() - this.state.heardAt) / 1000);
  }

  readAll() {
    return Promise.all([this.read('status'), this.readOthers()]);
  }

  readOthers() {
    return Promise.all(READS.map((each) => this.read(each)));
  }

  /** One read; never two of the same at once; a failure is no more than that. */
  async read(method) {
    if (this.stopped || this.running.has(method)) return;
    this.running.add(method);
    const absent = this.state.status === null || READS.some((each) => this.state[each] === null);
    try {
      const answer = await this.asked(method, {});
      const failed = 'error' in answer;
      if (!failed) this.state[method] = answer;
      if (method === 'status') this.state.error = failed ? answer : null;
    } catch (error) {
      // said by `away` soon enough
      if (method === 'status') this.state.error = error.answer ?? null;
    } finally {
      this.running.delete(method);
    }
    if (method === 'status' && absent && !this.state.scan) this.readOthers();
    this.changed();
  }

  async asked(method, args) {
    try {
      const answer = await this.call(method, args);
      if (answer?.error !== undefined && answer.exit === UNREACHED && answer.state === undefined) {
        throw Object.assign(new Error('the router is out of reach'), { answer });
      }
      this.state.heardAt = Date.now();
      this.state.refused = false;
      return answer && typeof answer === 'object' ? answer : { error: 'no answer', hint: '' };
    } catch (error) {
      if (error.refused) this.state.refused = true;
      throw error;
    }
  }

  /** Ask for something; `about` says for what: `{what, name, ssid_hex}`. The answer when it is done. */
  async request(method, args, about) {
    if (this.state.request) return null;
    const request = { ...about, what: about.what ?? method, id: null, since: Date.now(), steps: [] };
    this.state.request = request;
    this.changed();
    let sent;
    try {
      sent = await this.asked(method, args);
    } catch (error) {
      sent = { error: '', hint: '', unsent: true, ...error.answer };
    }
    if (!sent.id) {
      this.state.request = null;
      this.changed();
      return { exit: 1, ...sent };
    }
    request.id = sent.id;
    recall(request);
    return this.follow(request);
  }

  async follow(request) {
    this.state.request = request;
    let answer = { state: 'lost' };
    while (!this.stopped && Date.now() < request.since + PATIENCE) {
      try {
        const now = await this.asked('answer', { id: request.id });
        request.steps = now.steps ?? request.steps;
        if (now.state === 'done' || now.state === 'lost' || now.error) {
          answer = now;
          break;
        }
      } catch {
        // expected while the router changes its Wi-Fi
      }
      this.changed();
      await new Promise((resolve) => setTimeout(resolve, ANSWER_EVERY));
    }
    if (this.stopped) return null; // who mounts the page again follows it on
    recall(null);
    await this.readAll();
    this.state.request = null;
    this.finished?.(request, answer);
    this.changed();
    return answer;
  }
}

// A page that is loaded again in the middle of a trial goes on following it. No key is in it.
function recall(request) {
  try {
    if (request === null) sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, JSON.stringify(request));
  } catch {
    // without a storage it is not followed
  }
}

function recalled() {
  try {
    const request = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
    return request?.id && Date.now() < request.since + PATIENCE ? request : null;
  } catch {
    return null;
  }
}
