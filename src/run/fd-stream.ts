import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/** Writes all of `bytes` to a descriptor, waiting where it is full. */
export function writeAll(fd: number, bytes: Uint8Array): void {
	for (let done = 0; done < bytes.length; ) {
		try {
			done += writeSync(fd, bytes, done);
		} catch (error) {
			// A child that inherited the descriptor can have made it non-blocking for all of us.
			if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
				throw error;
			}
			Atomics.wait(pause, 0, 0, 1);
		}
	}
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** A stream that has written when `write` returns, so its text keeps its place among native output. */
export class FdStream extends Writable {
	readonly fd: number;

	constructor(fd: number) {
		super({ decodeStrings: true });
		this.fd = fd;
	}

	override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
		try {
			writeAll(this.fd, chunk);
			done();
		} catch (error) {
			// The reader is gone: what stdout means to a pipeline is not what it means to a run that still trains.
			done((error as NodeJS.ErrnoException).code === 'EPIPE' ? null : (error as Error));
		}
	}
}
