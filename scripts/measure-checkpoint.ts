/**
 * How long training stands still for one checkpoint of the size of cnn_mnist's: weights and both slots of Adam.
 *
 *   npx tsx scripts/measure-checkpoint.ts [saves]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckpointStore } from '../src/run/checkpoint-store.ts';

// Two convolutions (16 and 32 filters of 3 × 3), dense layers of 64 and 10 on images of 28 × 28.
const shapes: ReadonlyArray<readonly number[]> = [
	[3, 3, 1, 16],
	[16],
	[3, 3, 16, 32],
	[32],
	[1568, 64],
	[64],
	[64, 10],
	[10],
];
const saves = Number(process.argv[2] ?? 20);
const folder = mkdtempSync(join(tmpdir(), 'gimlet-checkpoint-'));
const store = new CheckpointStore(join(folder, 'checkpoints'));
const group = (prefix: string) =>
	Object.fromEntries(
		shapes.map((shape, i) => {
			const size = shape.reduce((a, b) => a * b, 1);
			return [`${prefix}${i}`, { dtype: 'float32' as const, shape, data: new Float32Array(size).fill(i + 0.5) }];
		}),
	);
const tensors = { weights: group('w'), optimizer: { ...group('m'), ...group('v') } };
const times: number[] = [];
for (let step = 1; step <= saves; step += 1) {
	const began = performance.now();
	store.save(['last', 'best'], step, { tensors, state: { step } }, { last: 2 });
	times.push(performance.now() - began);
}
times.sort((a, b) => a - b);
const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))]!.toFixed(1);
const bytes = 3 * 4 * shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
console.log(`${(bytes / 1e6).toFixed(2)} MB, ${saves} saves: median ${at(0.5)} ms, 90 % below ${at(0.9)} ms`);
rmSync(folder, { recursive: true });
