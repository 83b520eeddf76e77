// SPDX-License-Identifier: GPL-2.0-or-later
// How the page is linted: eslint's recommended rules, and that no text ever becomes markup or code.

import js from '@eslint/js';

const markup = ['innerHTML', 'outerHTML', 'srcdoc', 'insertAdjacentHTML', 'setHTMLUnsafe'];
const parsing = ['createContextualFragment', 'parseFromString', 'parseHTMLUnsafe'];
const documents = ['write', 'writeln'];
const why = 'A name from the air must stay text: use el() of dom.js.';
const browser = [
  ...['AbortSignal', 'Intl', 'URLSearchParams', 'addEventListener', 'clearInterval', 'document'],
  ...['fetch', 'history', 'localStorage', 'location', 'navigator', 'sessionStorage'],
  ...['setInterval', 'setTimeout'],
];

export default [
  js.configs.recommended,
  {
    files: ['**/*.js'],
    languageOptions: {
      ecmaVersion: 2022,
      sourceType: 'module',
      globals: Object.fromEntries(browser.map((name) => [name, 'readonly'])),
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'max-lines': ['error', 320],
      'no-console': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-script-url': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: 'error',
      'no-restricted-properties': [
        'error',
        ...[...markup, ...parsing].map((property) => ({ property, message: why })),
        ...documents.map((property) => ({ object: 'document', property, message: why })),
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: `MemberExpression[computed=true][property.value=/^(${markup.join('|')})$/]`,
          message: why,
        },
        { selector: 'ImportExpression', message: 'What the page loads stands at the top.' },
      ],
    },
  },
  {
    // LuCI makes a function of a view: it returns, and has the classes that it requires.
    files: ['openwrt/luci/*.js'],
    languageOptions: {
      sourceType: 'script',
      parserOptions: { ecmaFeatures: { globalReturn: true } },
      globals: { L: 'readonly', rpc: 'readonly', view: 'readonly' },
    },
    rules: { 'no-restricted-syntax': 'off' }, // it loads the page when it is opened
  },
];
