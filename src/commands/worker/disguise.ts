import type { EventEmitter } from 'node:events';
import { dirname, extname, join } from 'node:path';

/** What a process is to look like to a program that runs in it. */
export interface Disguise {
	/** The program's name, as in `train`. */
	readonly name: string;
	readonly args: readonly string[];
	readonly cwd: string;
	readonly env: Readonly<Record<string, string>>;
}

/** Makes this process look like one of the program's own; returns what undoes that and all that it left behind. */
export function takeOn({ name, args, cwd, env }: Disguise): () => void {
	const before = { argv: process.argv, execArgv: process.execArgv, cwd: process.cwd(), env: { ...process.env } };
	const umask = process.umask();
	const forget = [process, process.stdout, process.stderr].map(listenersOf);
	const self = process.argv[1]!;
	process.argv = [process.argv[0]!, join(dirname(self), `${name}${extname(self)}`), ...args];
	process.chdir(cwd);
	// The loader's own settings stay as they were at the start of this process.
	const loader = before.env['TSX_TSCONFIG_PATH'];
	setEnvironment(loader === undefined ? env : { ...env, TSX_TSCONFIG_PATH: loader });
	return () => {
		process.argv = before.argv;
		process.chdir(before.cwd);
		setEnvironment(before.env);
		process.exitCode = undefined;
		process.umask(umask);
		for (const undo of forget) {
			undo();
		}
	};
}

// Whatever has been listened for since is heard no more.
function listenersOf(emitter: EventEmitter): () => void {
	const kept = new Map(emitter.eventNames().map((event) => [event, new Set(emitter.rawListeners(event))]));
	return () => {
		for (const event of emitter.eventNames()) {
			for (const listener of emitter.rawListeners(event)) {
				if (!kept.get(event)?.has(listener)) {
					emitter.off(event, listener as () => void);
				}
			}
		}
	};
}

function setEnvironment(env: Readonly<Record<string, string | undefined>>): void {
	for (const name of Object.keys(process.env)) {
		if (env[name] === undefined) {
			delete process.env[name];
		}
	}
	for (const [name, value] of Object.entries(env)) {
		if (value !== undefined && process.env[name] !== value) {
			process.env[name] = value;
		}
	}
}
