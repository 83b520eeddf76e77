// SPDX-License-Identifier: GPL-2.0-or-later
// What the page says, in the owner's language. The router's own words stay as they are: English.

import { chinese } from './chinese.js';
import { el } from './dom.js';
import { englishTexts } from './english.js';
import { nameNode, shown } from './names.js';

const TABLES = { en: englishTexts, zh: chinese };
export const LANGUAGES = Object.keys(TABLES);

/** The language to begin with: the one asked for, else the first of the browser's that is there. */
export function chosenLanguage(wanted) {
  const tags = wanted ? [wanted] : [...(navigator.languages ?? [navigator.language ?? 'en'])];
  const short = tags.map((tag) => String(tag).toLowerCase().split(/[-_]/)[0]);
  return short.find((each) => LANGUAGES.includes(each)) ?? 'en';
}

/** As the browser and screen readers call it. */
export function tagOf(lang) {
  return lang === 'zh' ? 'zh-Hans' : 'en';
}

/**
 * Of one language. `say(key, values)` is text; `tell(key, values)` a list of nodes and texts, in
 * which `{name}` is a network's name and `{text}` the router's own words.
 */
export function wordsOf(lang) {
  const table = TABLES[lang] ?? englishTexts;
  const template = (key) => table[key] ?? englishTexts[key] ?? key;
  const say = (key, values = {}) =>
    template(key).replace(/\{(\w+)\}/g, (whole, slot) => plain(slot, values[slot]));
  const tell = (key, values = {}) =>
    template(key)
      .split(/(\{\w+\})/)
      .filter((part) => part !== '')
      .map((part) => noded(part, values));
  return { lang, say, tell, has: (key) => key in englishTexts, span: (s) => spanOf(say, s) };
}

function plain(slot, value) {
  return slot === 'name' ? shown(value ?? '') : String(value ?? '');
}

function noded(part, values) {
  const slot = /^\{(\w+)\}$/.exec(part)?.[1];
  if (slot === undefined) return part;
  if (slot === 'name') return nameNode(values.name ?? '');
  if (slot === 'text') return el('span', { lang: 'en', text: values.text ?? '' });
  return String(values[slot] ?? '');
}

function spanOf(say, seconds) {
  if (seconds < 120) return say('seconds', { n: Math.round(seconds) });
  if (seconds < 7200) return say('minutes', { n: Math.round(seconds / 60) });
  if (seconds < 172800) return say('hours', { n: Math.round(seconds / 3600) });
  return say('days', { n: Math.round(seconds / 86400) });
}
