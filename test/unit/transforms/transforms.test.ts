import test from 'ava';
import { Stream } from '../../../src/core/random.ts';
import { declared } from '../../../src/registry/registry.ts';
import '../../../src/transforms/cutout.ts';
import '../../../src/transforms/horizontal_flip.ts';
import '../../../src/transforms/noise.ts';
import '../../../src/transforms/random_crop.ts';
import '../../../src/transforms/shift.ts';
import type { Transform } from '../../../src/train/contracts/data.ts';

function make(name: string, values: Record<string, unknown> = {}): Transform {
	const { parameters, target } = declared.get(name, 'transform');
	return new target(parameters.parse(values)) as Transform;
}

function image(height: number, width: number, channels = 1): Float32Array {
	return Float32Array.from({ length: height * width * channels }, (_, i) => i + 1);
}

// A stream that draws what a test says.
function scripted(ints: number[]): Stream {
	const stream = new Stream('scripted');
	stream.int = () => ints.shift()!;
	return stream;
}

test('random_crop: window and padding at a corner, zeros outside', (t) => {
	const inputs = image(2, 2);
	// 0 … 2 × padding: 0 is one pixel up and left of the image.
	make('random_crop', { padding: 1 }).apply(inputs, 1, [2, 2, 1], scripted([0, 0]));
	t.deepEqual([...inputs], [0, 0, 0, 1]);
});

test('random_crop: reflection does not repeat the edge', (t) => {
	const inputs = image(1, 4);
	make('random_crop', { padding: 2, mode: 'reflect' }).apply(inputs, 1, [1, 4, 1], scripted([2, 0]));
	t.deepEqual([...inputs], [3, 2, 1, 2]);
	const right = image(1, 4);
	make('random_crop', { padding: 2, mode: 'reflect' }).apply(right, 1, [1, 4, 1], scripted([2, 4]));
	t.deepEqual([...right], [3, 4, 3, 2]);
});

test('shift: draws the vertical shift first, keeps channels together', (t) => {
	const inputs = image(2, 2, 2);
	make('shift').apply(inputs, 1, [2, 2, 2], scripted([2, 1]));
	t.deepEqual([...inputs], [5, 6, 7, 8, 0, 0, 0, 0]);
});

test('horizontal_flip: always, never, and channels kept together', (t) => {
	const inputs = image(1, 3, 2);
	make('horizontal_flip', { probability: 1 }).apply(inputs, 1, [1, 3, 2], new Stream('a'));
	t.deepEqual([...inputs], [5, 6, 3, 4, 1, 2]);
	make('horizontal_flip', { probability: 0 }).apply(inputs, 1, [1, 3, 2], new Stream('a'));
	t.deepEqual([...inputs], [5, 6, 3, 4, 1, 2]);
});

test('horizontal_flip: mirrors about the given share, each image by itself', (t) => {
	const count = 2000;
	const inputs = Float32Array.from({ length: 2 * count }, (_, i) => i % 2);
	make('horizontal_flip', { probability: 0.3 }).apply(inputs, count, [1, 2, 1], new Stream('share'));
	const share = inputs.filter((value, i) => i % 2 === 0 && value === 1).length / count;
	t.true(Math.abs(share - 0.3) < 0.04, `${share}`);
});

test('cutout: a square around the drawn centre, cut at the edge', (t) => {
	const inputs = new Float32Array(16).fill(1);
	make('cutout', { size: 2 }).apply(inputs, 1, [4, 4, 1], scripted([0, 2]));
	t.deepEqual([...inputs], [1, 0, 0, 1, ...new Array(12).fill(1)]);
});

test('noise: has the requested sd and no bias', (t) => {
	const inputs = new Float32Array(20_000);
	make('noise', { sd: 0.2 }).apply(inputs, 20_000, [1], new Stream('noise'));
	const mean = inputs.reduce((a, b) => a + b) / inputs.length;
	const sd = Math.sqrt(inputs.reduce((a, b) => a + (b - mean) ** 2, 0) / inputs.length);
	t.true(Math.abs(mean) < 0.01 && Math.abs(sd - 0.2) < 0.01, `${mean} ${sd}`);
});

for (const name of ['random_crop', 'shift', 'horizontal_flip', 'cutout', 'noise']) {
	test(`${name}: equal streams give equal batches, others do not`, (t) => {
		const [a, b, c] = [1, 1, 2].map((seed) => {
			const inputs = Float32Array.from({ length: 20 * 64 }, (_, i) => i + 1);
			make(name).apply(inputs, 20, [8, 8, 1], new Stream(`${seed}`));
			return inputs;
		});
		t.deepEqual(a, b);
		t.notDeepEqual(a, c);
	});
}

test('what needs an image refuses other inputs', (t) => {
	for (const name of ['random_crop', 'shift', 'horizontal_flip', 'cutout']) {
		t.throws(() => make(name).apply(new Float32Array(4), 1, [4], new Stream('a')), { message: /\[height, width/ });
	}
});
