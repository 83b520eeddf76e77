// SPDX-License-Identifier: GPL-2.0-or-later
// Before the requires no quote may stand: LuCI looks for them without knowing what a comment is.
'use strict';
'require view';
'require rpc';

// Shows the page of wifirelay inside of LuCI, and lets it call the ubus object through rpcd, with
// the rights of whoever is logged in. The page is not LuCI code: modules, below their version,
// since a browser would keep those of the version before.

const VERSION = '0.1.0';

// Each method of the object, with the arguments that the page gives.
const METHODS = {
	status: [],
	scan: [],
	plan: [],
	networks: [],
	history: [],
	answer: ['id'],
	join: ['ssid_hex', 'key', 'login'],
	leave: [],
	rescan: [],
	run: [],
	remember: ['ssid_hex'],
	forget: ['ssid_hex'],
	prefer: ['ssid_hex', 'priority'],
};

// What an ubus status, or a code of the HTTP interface, tells of the router rather than of the way
// to it. The others (time-out, connection lost) are failures of the way: the page asks again.
const NO_OBJECT = {
	exit: 6,
	error: 'the router has no ubus object wifirelay',
	hint: '`/etc/init.d/rpcd reload`, then load this page again',
};
const NO_RIGHT = {
	exit: 2,
	error: 'this login may not do that',
	hint: 'log in again; what a login may do is the access group wifirelay (System, Administration)',
};
const REFUSED = { exit: 2, error: 'rpcd has refused this call', hint: 'load this page again' };
const TOLD = {
	2: REFUSED,
	3: NO_OBJECT,
	4: NO_OBJECT,
	6: NO_RIGHT,
	'-32000': NO_OBJECT,
	'-32001': NO_RIGHT,
	'-32002': NO_RIGHT,
	'-32602': REFUSED,
};

function answered(code) {
	if (TOLD[code]) return { schema: 'wifirelay.error/1', ...TOLD[code] };
	throw new Error(`ubus status ${code}`);
}

function caller(method) {
	const params = METHODS[method];
	// nobatch: a call that hangs holds up no other. Without `expect`, a number is an ubus status.
	const declared = rpc.declare({ object: 'wifirelay', method, params, nobatch: true });
	return async (given) => {
		let reply;
		try {
			reply = await declared(...params.map((name) => given[name]));
		} catch (error) {
			const code = / error (-\d+)/.exec(error?.message ?? error)?.[1];
			if (code === undefined) throw error;
			return answered(code);
		}
		return L.isObject(reply) ? reply : answered(reply);
	};
}

const callers = Object.fromEntries(Object.keys(METHODS).map((name) => [name, caller(name)]));

function resource(name) {
	return L.resource(`wifirelay/${VERSION}/${name}`);
}

function dressed(name) {
	return new Promise((resolve) => {
		const link = document.createElement('link');
		link.rel = 'stylesheet';
		link.href = resource(name);
		link.onload = link.onerror = resolve;
		document.head.append(link);
	});
}

return view.extend({
	load() {
		return Promise.all([import(resource('page.js')), dressed('page.css'), dressed('luci.css')]);
	},

	render([page]) {
		const root = document.createElement('div');
		const call = (method, args = {}) => callers[method](args);
		page.mount(root, call, { lang: document.documentElement.lang || undefined, title: false });
		return root;
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null,
});
