import test from 'ava';
import fc from 'fast-check';
import { GimletError } from '../../../src/core/errors.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../../../src/run/safetensors.ts';

test('the bytes are those of the format: length, padded header sorted by name, data', (t) => {
	const bytes = encodeSafetensors(
		{
			b: { dtype: 'int32', shape: [], data: Int32Array.of(-2) },
			a: { dtype: 'float32', shape: [2, 1], data: Float32Array.of(1, -1) },
			c: { dtype: 'bool', shape: [1], data: Uint8Array.of(1) },
		},
		{ format: 'x' },
	);
	const header =
		'{"__metadata__":{"format":"x"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},' +
		'"b":{"dtype":"I32","shape":[],"data_offsets":[8,12]},"c":{"dtype":"BOOL","shape":[1],"data_offsets":[12,13]}}';
	const padded = Math.ceil(header.length / 8) * 8;
	t.is(Buffer.from(bytes).readBigUInt64LE(), BigInt(padded));
	t.is(Buffer.from(bytes.subarray(8, 8 + padded)).toString(), header.padEnd(padded));
	t.is(Buffer.from(bytes.subarray(8 + padded)).toString('hex'), '0000803f000080bffeffffff01');
});

// The two names that are refused when written; a test below shows it.
const storable = fc.string().filter((name) => name !== '__proto__' && name !== '__metadata__');

test('whatever is encoded comes back, bit by bit', (t) => {
	fc.assert(
		fc.property(fc.dictionary(storable, tensor()), fc.dictionary(storable, fc.string()), (tensors, metadata) => {
			const bytes = encodeSafetensors(tensors, metadata);
			const back = decodeSafetensors(bytes, 'w');
			t.deepEqual({ ...back.metadata }, { ...metadata });
			t.deepEqual(Object.keys(back.tensors).sort(), Object.keys(tensors).sort());
			for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
				t.deepEqual([back.tensors[name]!.dtype, back.tensors[name]!.shape], [dtype, shape]);
				t.deepEqual(bitsOf(back.tensors[name]!), bitsOf({ dtype, shape, data }));
			}
			const shuffled = Object.fromEntries(Object.entries(tensors).reverse());
			t.deepEqual(encodeSafetensors(shuffled, metadata), bytes);
		}),
	);
});

test('a view into a larger buffer is encoded alone, and a file is decoded at any alignment', (t) => {
	const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
	const bytes = encodeSafetensors({ a: { dtype: 'float32', shape: [2], data } });
	const shifted = new Uint8Array(bytes.length + 3).subarray(3);
	shifted.set(bytes);
	t.deepEqual([...decodeSafetensors(shifted, 'w').tensors['a']!.data], [1, 2]);
	const pooled = Buffer.from(bytes);
	const decoded = decodeSafetensors(pooled, 'w').tensors['a']!.data;
	pooled.fill(0);
	t.deepEqual([...decoded], [1, 2]);
});

test('cut at any byte, or with a byte more, it is refused', (t) => {
	const bytes = encodeSafetensors(example);
	for (let size = 0; size < bytes.length; size += 1) {
		t.throws(() => decodeSafetensors(bytes.subarray(0, size), 'weights.safetensors'), {
			instanceOf: GimletError,
			code: 'safetensors.damaged',
			message: /^weights\.safetensors is not a whole/u,
		});
	}
	t.throws(() => decodeSafetensors(Buffer.concat([bytes, Buffer.alloc(1)]), 'w'), { code: 'safetensors.damaged' });
});

test('any changed header gives tensors that fit the file, or a clear refusal', (t) => {
	const bytes = encodeSafetensors(example);
	for (let at = 0; at < 8 + Number(Buffer.from(bytes).readBigUInt64LE()); at += 1) {
		for (const flip of [1, 2, 4, 16, 128]) {
			const changed = bytes.slice();
			changed[at]! ^= flip;
			try {
				const { tensors } = decodeSafetensors(changed, 'w');
				const sizes = Object.values(tensors).map(({ data }) => data.byteLength);
				t.true(sizes.reduce((a, b) => a + b) === 28);
			} catch (error) {
				t.true(error instanceof GimletError, `${error}`);
			}
		}
	}
});

for (const [what, header, size] of [
	['a gap', { a: entry([1], 0, 4), b: entry([1], 8, 12) }, 12],
	['an overlap', { a: entry([2], 0, 8), b: entry([2], 4, 12) }, 12],
	['two tensors on one place and a gap', { a: entry([1], 0, 4), b: entry([1], 0, 4) }, 8],
	['bytes before the first tensor', { a: entry([1], 4, 8) }, 8],
	['a size other than the shape says', { a: entry([3], 0, 8) }, 8],
	['a negative size', { a: entry([-1, -2], 0, 8) }, 8],
	['a fraction of an element', { a: entry([0.5, 4], 0, 8) }, 8],
	['offsets that go backwards', { a: entry([1], 4, 0) }, 4],
	['an unknown type', { a: { ...entry([1], 0, 4), dtype: 'F16' } }, 4],
	['the name of an inherited property as type', { a: { ...entry([1], 0, 4), dtype: 'toString' } }, 4],
	['no offsets', { a: { dtype: 'F32', shape: [1] } }, 4],
	['no shape', { a: { dtype: 'F32', data_offsets: [0, 4] } }, 4],
	['null for a tensor', { a: null }, 0],
	['a list for a header', [], 0],
	['null for a header', null, 0],
	['metadata that are not strings', { __metadata__: { a: 1 } }, 0],
] as const) {
	test(`refused: ${what}`, (t) => {
		t.throws(() => decodeSafetensors(file(header, size), 'w'), { code: 'safetensors.damaged' });
	});
}

test('a header length beyond anything is refused before anything is read', (t) => {
	t.throws(() => decodeSafetensors(new Uint8Array(16).fill(0xff), 'w'), { code: 'safetensors.damaged' });
});

test('tensors in another order than their names are read', (t) => {
	const { tensors } = decodeSafetensors(
		file({ a: entry([1], 4, 8), b: entry([1], 0, 4), c: entry([0], 4, 4) }, 8),
		'w',
	);
	t.deepEqual(Object.keys(tensors).sort(), ['a', 'b', 'c']);
});

test('what cannot be stored is refused when written', (t) => {
	const data = Float32Array.of(1, 2);
	t.throws(() => encodeSafetensors({ a: { dtype: 'float32', shape: [3], data } }), { message: /a of type float32/u });
	t.throws(() => encodeSafetensors({ __metadata__: { dtype: 'float32', shape: [2], data } }));
});

const example: Record<string, StoredTensor> = {
	kernel: { dtype: 'float32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
	step: { dtype: 'int32', shape: [1], data: Int32Array.of(7) },
};

function tensor(): fc.Arbitrary<StoredTensor> {
	return fc
		.record({
			dtype: fc.constantFrom('float32', 'int32', 'bool'),
			shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
		})
		.chain(({ dtype, shape }) => {
			const length = shape.reduce((a, b) => a * b, 1);
			const bits = fc.array(fc.integer(), { minLength: length, maxLength: length }).map((all) => Int32Array.from(all));
			return bits.map((all) => ({ dtype, shape, data: typed(dtype, all) }) as StoredTensor);
		});
}

function typed(dtype: string, bits: Int32Array): StoredTensor['data'] {
	if (dtype === 'bool') {
		return Uint8Array.from(bits, (bit) => bit & 1);
	}
	return dtype === 'int32' ? bits : new Float32Array(bits.buffer);
}

function bitsOf({ data }: StoredTensor): number[] {
	return [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}

function entry(shape: readonly number[], start: number, end: number) {
	return { dtype: 'F32', shape, data_offsets: [start, end] };
}

function file(header: unknown, dataBytes: number): Uint8Array {
	const json = Buffer.from(JSON.stringify(header));
	const length = Buffer.alloc(8);
	length.writeBigUInt64LE(BigInt(json.length));
	return Buffer.concat([length, json, Buffer.alloc(dataBytes)]);
}
