// SPDX-License-Identifier: GPL-2.0-or-later
// The networks of the air and of the owner as one list. Pure: the object's answers in, values out.

import { isHidden } from './names.js';
import { connectedOf } from './sentence.js';

const PRIORITIES = [-1000, 1000];

/**
 * `{known, others, away, hidden}`: entries `{hex, name, signal, band, bands, bss, security, known,
 * priority, connected, login, candidates, suspects}`, the known by priority, the others by signal; `away` are
 * known and not heard; `hidden` counts those without a name; `suspects`
 * are candidates that may be evil twins.
 */
export function entriesOf({ scan, plan, networks, status }) {
  const book = new Map((networks?.networks ?? []).map((each) => [each.ssid_hex, each]));
  const uplink = connectedOf(status);
  const found = new Map();
  const own = new Set((status?.access_points ?? []).map((each) => each.ssid_hex));
  let hidden = 0;
  for (const bss of scan?.bss ?? []) {
    if (isHidden(bss.ssid_hex)) hidden += 1;
    else if (own.has(bss.ssid_hex) && !book.has(bss.ssid_hex)) continue;
    else if (found.has(bss.ssid_hex)) found.get(bss.ssid_hex).bss.push(bss);
    else found.set(bss.ssid_hex, { name: bss.ssid, bss: [bss] });
  }
  if (uplink?.ssid_hex && !found.has(uplink.ssid_hex)) {
    found.set(uplink.ssid_hex, { name: uplink.network, bss: [] });
  }
  const entries = [...found].map(([hex, { name, bss }]) => {
    const [best] = [...bss].sort((a, b) => strength(b) - strength(a));
    const connected = uplink?.ssid_hex === hex;
    const mine = connected ? bss.find((each) => each.bssid === uplink.bssid) : undefined;
    return {
      ...entry(hex, name, book.get(hex), plan),
      bss,
      signal: (connected ? uplink.signal_dbm : null) ?? best?.signal_dbm ?? null,
      band: (mine ?? best)?.band ?? null,
      security: (mine ?? best)?.security ?? 'unknown',
      connected,
      login: connected && status.internet?.verdict === 'portal',
    };
  });
  const away = [...book.values()].filter((each) => !found.has(each.ssid_hex));
  return {
    known: entries.filter((each) => each.known).sort(byPriority),
    others: entries
      .filter((each) => !each.known)
      .sort((a, b) => b.connected - a.connected || strengthOf(b) - strengthOf(a)),
    away: away
      .map((each) => ({
        ...entry(each.ssid_hex, each.ssid, each, plan),
        ...{ bss: [], signal: null, band: null, security: each.security },
        ...{ connected: false, login: false },
      }))
      .sort(byPriority),
    hidden,
  };
}

function entry(hex, name, known, plan) {
  const candidates = (plan?.candidates ?? []).filter((each) => each.ssid_hex === hex);
  const suspects = candidates.filter((each) => each.suspect);
  const priority = known?.priority ?? null;
  return { hex, name, known: known !== undefined, priority, candidates, suspects };
}

function strength(bss) {
  return bss.signal_dbm ?? -200;
}

function strengthOf(one) {
  return one.signal ?? -200;
}

function byPriority(a, b) {
  return b.priority - a.priority || strengthOf(b) - strengthOf(a);
}

/** Which way a network can be entered: `open`, `owe`, `key`, `eap`, `never` or `unknown`. */
export function lockOf(security) {
  if (security === 'open' || security === 'owe') return security;
  if (/eap$/.test(security)) return 'eap';
  if (security === 'wep' || security === 'wpa1') return 'never';
  return security === 'unknown' ? 'unknown' : 'key';
}

/** The priority that moves a known network above (step 1) or below (-1) its neighbour, or null. */
export function movedPriority(networks, hex, step) {
  const ordered = [...(networks?.networks ?? [])].sort((a, b) => b.priority - a.priority);
  const place = ordered.findIndex((each) => each.ssid_hex === hex);
  const neighbour = ordered[place - step];
  if (place < 0 || neighbour === undefined) return null;
  const wanted = neighbour.priority + step;
  return Math.min(Math.max(wanted, PRIORITIES[0]), PRIORITIES[1]);
}

/** What is wrong with a typed password: a key of words.js, or null. */
export function passwordFault(text) {
  if (text.length < 8) return 'short_password';
  if (text.length > 64) return 'long_password';
  return text.length === 64 && !/^[0-9a-fA-F]{64}$/.test(text) ? 'long_password' : null;
}
