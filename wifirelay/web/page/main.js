// SPDX-License-Identifier: GPL-2.0-or-later
// The page as `wifirelay web` serves it. The token comes behind the # of the printed address, which
// no browser sends anywhere; it is kept for this tab alone, and taken out of the address bar.

import { mount } from './page.js';

const KEPT = 'wifirelay-token';
const PATIENCE = 20000; // ms for one answer

function takenToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given !== null) {
    sessionStorage.setItem(KEPT, given);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return given ?? sessionStorage.getItem(KEPT) ?? '';
}

let token = takenToken();

async function call(method, args) {
  const answer = await fetch(`/api/${method}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify(args),
    cache: 'no-store',
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (answer.status === 401) {
    throw Object.assign(new Error('the token is not the right one'), { refused: true });
  }
  return answer.json();
}

addEventListener('hashchange', () => {
  token = takenToken();
});
mount(document.getElementById('wifirelay'), call, { title: true });
