import test from 'ava';
import { startEngine, stopEngine } from '../../../src/engine/backend.ts';
import { valuesOfRows, valuesWritten } from '../../../src/engine/stored-values.ts';
import { tf } from '../../../src/engine/tf.ts';
import { tiers } from './tiers.ts';

const table = (factor: number) => Float32Array.from({ length: 256 }, (_, byte) => byte * factor);
const rows = Int32Array.of(4, 0, 4, 2);
const width = 6;

// The second is more than is kept on the device, and costs no memory where it is not touched.
for (const [size, what] of [
	[5 * width, 'kept on the device'],
	[2 ** 28 + 6, 'too large to be kept'],
] as const) {
	for (const { name, backend, threads } of tiers) {
		test.serial(`${name}: rows of bytes, ${what}, become values by channel`, async (t) => {
			await startEngine({ backend, threads });
			const stored = new Uint8Array(size);
			for (let i = 0; i < 5 * width; i += 1) {
				stored[i] = 250 - i * 7;
			}
			const expected = [...rows].flatMap((row) =>
				Array.from({ length: width }, (_, i) => Math.fround(stored[row * width + i]! * (i % 2 === 0 ? 0.5 : -3))),
			);
			// Twice: what is kept is used again, whatever the engine has done in between.
			for (let round = 0; round < 2; round += 1) {
				const values = valuesOfRows(stored, rows, [4, 3, 2], [table(0.5), table(-3)]);
				t.deepEqual(values.shape, [4, 3, 2]);
				t.deepEqual([...values.dataSync()], expected);
				tf.zeros([1000, 1000]).dispose();
				values.dispose();
			}
			await stopEngine();
		});
	}
}

test.serial('an engine that is started anew has nothing of the last one', async (t) => {
	const stored = Uint8Array.from({ length: 5 * width }, (_, i) => i);
	for (const { backend, threads } of tiers) {
		await startEngine({ backend, threads });
		const values = valuesOfRows(stored, Int32Array.of(1), [1, width], [table(1)]);
		t.deepEqual([...values.dataSync()], [6, 7, 8, 9, 10, 11]);
		const written = valuesWritten([2, 2], (into) => into.set([1, 2, 3, 4]));
		t.deepEqual([...written.dataSync()], [1, 2, 3, 4]);
		await stopEngine();
	}
});
