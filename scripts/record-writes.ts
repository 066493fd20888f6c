/**
 * A plug-in for `bin/train.ts --plugin`: notes every step of durable writing of the session.
 *
 * `GIMLET_WRITES=FILE` gets their number when the process exits, `GIMLET_TRACE=FILE` each of them as a line of JSON
 * before it happens, with the bytes that are written.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { onDurableStep } from '../src/files/atomic.ts';

const { GIMLET_WRITES: count, GIMLET_TRACE: trace } = process.env;
let steps = 0;

if (count !== undefined || trace !== undefined) {
	onDurableStep(({ data, ...step }) => {
		steps += 1;
		if (trace !== undefined) {
			const bytes = data === undefined ? {} : { data: Buffer.from(data).toString('base64') };
			appendFileSync(trace, `${JSON.stringify({ ...step, ...bytes })}\n`);
		}
	});
}
if (count !== undefined) {
	process.on('exit', () => writeFileSync(count, `${steps}`));
}
