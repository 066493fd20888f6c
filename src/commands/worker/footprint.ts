import { setImmediate as turn } from 'node:timers/promises';

/** Programs that one worker runs at most: what grows unseen ends with the process. */
const mostOrders = 250;
/** Resident bytes above which a worker is replaced. */
const mostMemory = 1.5 * 2 ** 30;

/** Tells whether a process is as it was before it ran a program. */
export class Footprint {
	#orders = 0;
	readonly #globals = new Set(Reflect.ownKeys(globalThis));
	readonly #handles = handles();

	/** Why the process must not run another program; undefined where it may. Waits for what is about to end anyway. */
	async trouble(): Promise<string | undefined> {
		this.#orders++;
		return (
			(this.#orders >= mostOrders ? `${mostOrders} programs` : undefined) ??
			(process.memoryUsage.rss() > mostMemory ? 'memory' : undefined) ??
			(await clearEngine()) ??
			(await leftInModules()) ??
			this.#newGlobal() ??
			(await this.#leftOpen())
		);
	}

	// Libraries define some when they load: those are taken for granted from then on.
	#newGlobal(): string | undefined {
		const found = Reflect.ownKeys(globalThis).filter((key) => !this.#globals.has(key));
		for (const key of found) {
			this.#globals.add(key);
		}
		const first = found.find((key) => !known.test(String(key)));
		return first === undefined ? undefined : `globalThis.${String(first)}`;
	}

	async #leftOpen(): Promise<string | undefined> {
		for (let tries = 0; tries < 20 && handles() > this.#handles; tries++) {
			await turn();
		}
		return handles() > this.#handles ? 'a timer, process or thread' : undefined;
	}
}

const known = /^(?:_tfGlobals|_tfengine|__tfjs|Symbol\(|dispatchEvent|Reflect)/u;

function handles(): number {
	return process.getActiveResourcesInfo().filter((name) => name !== 'Immediate' && name !== 'CloseReq').length;
}

// Its backend is stopped by the program that started it; what the library itself remembers of variables, tensors and
// flags is not, and would grow.
async function clearEngine(): Promise<string | undefined> {
	const { isLoaded, tf } = await import('../../engine/tf.ts');
	if (!isLoaded()) {
		return undefined;
	}
	const { engineInfo } = await import('../../engine/backend.ts');
	if (engineInfo() !== undefined) {
		return 'an engine that runs';
	}
	const engine = tf.engine();
	engine.state.registeredVariables = {};
	engine.reset();
	return undefined;
}

async function leftInModules(): Promise<string | undefined> {
	const { hasPlugins } = await import('../../registry/plugins.ts');
	const { hasWarned } = await import('../../data/split.ts');
	return hasPlugins() ? 'a plug-in' : hasWarned() ? 'a warning that is given once per process' : undefined;
}
