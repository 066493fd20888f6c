import test from 'ava';
import { copyRows, rowsOf } from '../../../src/core/rows.ts';

const stored = Float32Array.from({ length: 12 }, (_, i) => i);

test('rows are copied in the order asked for, as often as asked for', (t) => {
	const to = new Float32Array(8).fill(-1);
	copyRows(to, stored, Int32Array.of(3, 0, 3), 2);
	t.deepEqual([...to], [6, 7, 0, 1, 6, 7, -1, -1]);
});

test('rows in new memory keep their kind; those of a buffer are bytes', (t) => {
	t.deepEqual(rowsOf(stored, Int32Array.of(2), 3), Float32Array.of(6, 7, 8));
	t.deepEqual(rowsOf(Int32Array.of(5, 6), Int32Array.of(1, 0), 1), Int32Array.of(6, 5));
	t.is(Object.getPrototypeOf(rowsOf(Buffer.from([1, 2, 3, 4]), Int32Array.of(1), 2)), Uint8Array.prototype);
	t.is(rowsOf(stored, new Int32Array(0), 3).length, 0);
});
