import test from 'ava';
import fc from 'fast-check';
import { decodeNumbers, encodeNumbers } from '../../../src/run/exact-json.ts';

test('every number survives JSON, those that it lacks too', (t) => {
	const value = {
		loss: Number.NaN,
		best: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 0.1],
		none: null,
	};
	t.deepEqual(decodeNumbers(JSON.parse(JSON.stringify(encodeNumbers(value)))), value);
});

test('so does any state', (t) => {
	fc.assert(
		fc.property(fc.dictionary(fc.string(), fc.oneof(fc.double(), fc.array(fc.double()), fc.string())), (state) => {
			const plain = { ...state };
			delete plain['number'];
			t.deepEqual(decodeNumbers(JSON.parse(JSON.stringify(encodeNumbers(plain)))), plain);
		}),
	);
	t.pass();
});
