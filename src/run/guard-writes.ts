import { resolve, sep } from 'node:path';
import { onDurableStep } from '../files/atomic.ts';
import type { Lease } from './lease.ts';

/** Checks the lease before every step of every durable write below `folder`; returns the function that ends it. */
export function guardWrites(folder: string, lease: Lease): () => void {
	const whole = resolve(folder);
	return onDurableStep(({ path }) => {
		const target = resolve(path);
		if (target === whole || target.startsWith(whole + sep)) {
			lease.check();
		}
	});
}
