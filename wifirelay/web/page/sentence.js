// SPDX-License-Identifier: GPL-2.0-or-later
// Where the router stands, as one sentence that a layman understands. Pure: values in, values out.

const GOOD = -60; // dBm
const FAIR = -72;
export const PATIENCE = 9; // seconds without an answer until the page says so

/** A signal in a word: `good`, `fair`, `weak`, or null where it is not known. */
export function quality(dbm) {
  if (dbm === null || dbm === undefined) return null;
  return dbm >= GOOD ? 'good' : dbm >= FAIR ? 'fair' : 'weak';
}

/** The uplink that counts, or null where none is switched on. */
function uplinkOf(status) {
  return status?.uplinks?.find((each) => each.state !== 'disabled') ?? null;
}

/** The connected uplink, or null. */
export function connectedOf(status) {
  const uplink = uplinkOf(status);
  return uplink?.state === 'connected' ? uplink : null;
}

/**
 * `{tone, key, values, action}`: tone is good, warn, bad or busy; key and values are for words.js;
 * action is `run`, `portal` or null. `state`: `status`, `error` (an answered error), `away` (seconds
 * without an answer), `refused` (the token), `request` (what was asked for and is not done).
 */
export function sentence(state) {
  const { status, request } = state;
  if (state.refused) return made('bad', 'token');
  if (state.away >= PATIENCE) {
    const trial = request?.what === 'join' || request?.what === 'leave';
    return made(trial ? 'busy' : 'warn', trial ? 'away_trial' : 'away', { n: state.away });
  }
  if (request?.what === 'join') {
    return made('busy', request.name === null ? 'joining_best' : 'joining', { name: request.name });
  }
  if (request?.what === 'leave') return made('busy', 'leaving');
  if (state.error && state.error.exit !== 3) return made('bad', 'router_error', { text: state.error.error });
  if (!status) return made('busy', 'looking');
  if (!status.set_up) return made('warn', 'not_set_up');
  if (status.service?.unreachable) return made('warn', 'out_of_reach');
  return ofUplink(status);
}

function ofUplink(status) {
  const uplink = uplinkOf(status);
  const { service } = status;
  const name = uplink?.network ?? '';
  if (uplink?.state === 'connected') return ofInternet(status, name, uplink.signal_dbm);
  const trial = status.sentry?.unfinished_trial;
  if (trial) return made('busy', 'trial_runs', { n: trial.seconds_left });
  if (service?.paused) return made('warn', 'paused', {}, 'run');
  if (service && !service.paused && service.doing === 'join') return made('busy', 'service_joins');
  if (uplink?.state === 'associated') return made('busy', 'no_address', { name });
  if (uplink?.state === 'searching') return made('busy', 'searching', { name });
  if (uplink?.state === 'held') return made('warn', 'held', { name });
  if (uplink?.state === 'stopped') return made('bad', 'stopped_uplink', { name });
  if (wired(service)) return made('good', 'wired');
  if (service?.doing === 'scan') return made('busy', 'service_looks');
  return made('warn', service ? 'no_uplink_service' : 'no_uplink');
}

function ofInternet(status, name, signal) {
  const word = quality(signal);
  switch (status.internet?.verdict) {
    case 'online':
      return made('good', word === null ? 'online' : `online_${word}`, { name });
    case 'portal':
      return made('warn', 'portal', { name }, 'portal');
    case 'no-dns':
      return made('bad', 'no_dns', { name });
    case 'offline':
      return made('bad', 'no_internet', { name });
    default:
      return made('good', word === null ? 'connected' : `connected_${word}`, { name });
  }
}

function wired(service) {
  return /gives the internet/.test(service?.why ?? '');
}

function made(tone, key, values = {}, action = null) {
  return { tone, key, values, action };
}

/** What has to be said beside the sentence: `{tone, key, values, action}` each, the worst first. */
export function remarks(status) {
  if (!status?.set_up) return [];
  const said = [];
  for (const each of status.access_points ?? []) {
    if (!each.on_air) said.push(made('bad', 'own_off_air', { name: each.ssid ?? each.section }));
  }
  if (status.sentry && !status.sentry.installed) said.push(made('bad', 'no_sentry'));
  else if (status.sentry && !status.sentry.alive) said.push(made('bad', 'dead_sentry'));
  if (status.service?.paused && connectedOf(status)) {
    said.push(made('quiet', 'paused_remark', {}, 'run'));
  }
  if (!status.service) {
    const elsewhere = status.sentry?.served_by;
    said.push(made('quiet', elsewhere ? 'service_elsewhere' : 'no_service'));
  }
  return said;
}
