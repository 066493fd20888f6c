'use strict';
/*
 * Loaded before a program, by scripts/launch.sh: what the machine refuses while the program is being read (files it may not
 * open, memory it does not get) ends it with a sentence and exit code 4. src/commands/failures.ts takes over from here.
 */
const { isMainThread } = require('node:worker_threads');
const key = Symbol.for('gimlet.errors');

if (isMainThread && process[key] === undefined) {
	const report = (error) => {
		if (/^E[A-Z0-9]+$/u.test(error?.code ?? '')) {
			process.stderr.write(`gimlet cannot start here: ${error.message}\n`);
			process.exit(4);
		}
		process.stderr.write(`${error?.stack ?? error}\n`);
		process.exit(1);
	};
	process.on('uncaughtException', report);
	process[key] = () => void process.off('uncaughtException', report);
}
