'use strict';
/*
 * Loaded before a program, by scripts/launch.sh: notes the warnings (SIGUSR1, SIGUSR2) that come while it starts, and which
 * signals it was started without (as `nohup` does), which Node forgets.
 *
 * SIGUSR1 asks Node to open its debugger until somebody listens for it. launch.sh gives the debugger an address that binds
 * but that no connection can be made to (a multicast one): it cannot be reached meanwhile, and that it is open tells us of the signal.
 */
const { isMainThread } = require('node:worker_threads');
const key = Symbol.for('gimlet.signals');

if (isMainThread && process[key] === undefined) {
	const words = (name) => {
		const value = process.env[name] ?? '';
		delete process.env[name];
		return value.split(' ').filter((word) => word !== '');
	};
	const noted = new Set(words('GIMLET_NOTED_SIGNALS'));
	const ignored = new Set(words('GIMLET_IGNORED_SIGNALS'));
	const inspector = require('node:inspector');
	const askDebugger = () => {
		if (inspector.url()?.startsWith('ws://224.0.0.1:')) {
			inspector.close();
			noted.add('SIGUSR1');
		}
	};
	process[key] = {
		ignored,
		take() {
			askDebugger();
			const taken = [...noted];
			noted.clear();
			return taken;
		},
	};
	for (const signal of ['SIGUSR1', 'SIGUSR2']) {
		process.on(signal, () => noted.add(signal));
	}
	for (const signal of ignored) {
		process.on(signal, () => {});
	}
	// Node may act on a signal a moment after we have begun to listen.
	askDebugger();
	setImmediate(askDebugger);
	setTimeout(askDebugger, 100).unref();
}
