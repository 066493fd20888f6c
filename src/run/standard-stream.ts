import type { Writable } from 'node:stream';

/** A replaced `process.stdout` or `process.stderr`. */
export interface Redirected {
	restore(): void;
}

/** Makes `process.stdout` (1) or `process.stderr` (2), and whoever already holds the old stream, write to `target`. */
export function redirect(fd: 1 | 2, original: NodeJS.WriteStream, target: Writable): Redirected {
	const name = fd === 1 ? 'stdout' : 'stderr';
	const descriptor = Object.getOwnPropertyDescriptor(process, name)!;
	const { write } = original;
	Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => target });
	original.write = target.write.bind(target) as typeof write;
	pointConsole(name, target);
	return {
		restore() {
			Object.defineProperty(process, name, descriptor);
			original.write = write;
			pointConsole(name, original);
		},
	};
}

// The global console remembers the stream it first wrote to.
function pointConsole(name: 'stdout' | 'stderr', stream: Writable): void {
	(console as unknown as Record<string, Writable>)[`_${name}`] = stream;
}
