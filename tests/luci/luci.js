// SPDX-License-Identifier: GPL-2.0-or-later
// As much of LuCI as a view sees: how its file is read and run, rpc.declare, view.extend, L.
'use strict';

const SESSION = '0123456789abcdef0123456789abcdef';
const TIME_OUT = 20000; // milliseconds

const L = {
	env: { sessionid: SESSION, resource: '/luci-static/resources' },
	isObject: (value) => value !== null && typeof value === 'object',
	resource: (...parts) => [L.env.resource, ...parts].join('/'),
};

function raise(name, text) {
	throw Object.assign(new Error(text), { name });
}

let last = 0;
const declared = []; // for the tests

const rpc = {
	declare(options) {
		declared.push(options);
		return async (...given) => {
			const named = (options.params ?? []).map((name, at) => [name, given[at]]);
			const { object, method } = options;
			const call = [SESSION, object, method, Object.fromEntries(named)];
			const answer = await fetch('/ubus', {
				method: 'POST',
				headers: { 'Content-Type': 'application/json' },
				body: JSON.stringify({ jsonrpc: '2.0', id: ++last, method: 'call', params: call }),
				signal: AbortSignal.timeout(TIME_OUT),
			});
			const what = `RPC call to ${object}/${method} failed with`;
			if (!answer.ok) raise('RPCError', `${what} HTTP error ${answer.status}: ?`);
			const { error, result } = await answer.json();
			if (error) raise('RPCError', `${what} error ${error.code}: ${error.message}`);
			if (options.reject && result[0] !== 0) raise('RPCError', `${what} ubus code ${result[0]}`);
			const reply = result.length > 1 ? result[1] : result[0];
			const expected = options.expect?.[''];
			return expected && !L.isObject(reply) ? expected : reply;
		};
	},
};

const view = { extend: (properties) => properties };

// Quoted texts at the beginning of a file: `require` ones name what it needs. What is a comment it
// does not know.
function needs(source) {
	const found = [];
	for (const [, , text] of source.matchAll(/(['"])((?:\\.|(?!\1).)*)\1/gs)) {
		const name = /^require[ \t]+(\S+)$/.exec(text)?.[1];
		if (name) found.push(name);
		else if (!/^use[ \t]+strict$/.test(text)) break;
	}
	return found;
}

function made(source) {
	const names = needs(source);
	const classes = { rpc, view };
	const factory = (0, eval)(`(function(window, document, L, ${names.join(', ')}) { ${source} })`);
	return factory(globalThis, globalThis.document, L, ...names.map((name) => classes[name]));
}

async function show() {
	const file = await fetch(L.resource('view/wifirelay.js'));
	const seen = made(await file.text());
	const nodes = await seen.render(await seen.load());
	document.getElementById('view').replaceChildren(nodes);
}

if (globalThis.document) {
	show().catch((error) => {
		document.getElementById('view').textContent = `LuCI: ${error}`;
	});
} else {
	globalThis.told = (source) => {
		const seen = made(source);
		return { needs: needs(source), declared, view: Object.keys(seen) };
	};
	// What the page gets for a call, where the HTTP interface answers this; null: nothing.
	globalThis.got = async (source, answer) => {
		globalThis.fetch = async () => {
			if (answer === null) throw new TypeError('Failed to fetch');
			const { status = 200, ...body } = answer;
			return { ok: status === 200, status, json: async () => body };
		};
		globalThis.document = { documentElement: {}, createElement: () => ({}) };
		let asked;
		made(source).render([{ mount: (root, call) => (asked = call) }]);
		return asked('answer', { id: '0123456789abcdef' }).catch((error) => String(error));
	};
}
