import test from 'ava';
import fc from 'fast-check';
import { Names } from '../../../../src/gin/model/names.ts';
import { compareText } from '../../../../src/gin/order.ts';

test('a name is found by every suffix that is its own, and what is found follows every change', (t) => {
	const names = new Names<number>();
	t.deepEqual(names.select('net'), { candidates: [] });
	names.set('a.net', 1);
	t.deepEqual(names.select('net'), { name: 'a.net', found: 1 });
	names.set('b.net', 2);
	t.deepEqual(names.select('net'), { candidates: ['a.net', 'b.net'] });
	t.deepEqual(names.select('b.net'), { name: 'b.net', found: 2 });
	t.deepEqual(names.select('b'), { candidates: [] });
	names.set('net', 3);
	t.deepEqual(names.select('net'), { name: 'net', found: 3 });
	t.true(names.delete('a.net'));
	t.false(names.delete('a.net'));
	t.deepEqual(names.matching('a.net'), []);
});

test('the minimal name selects its own entry, and nothing shorter does unless others end with it', (t) => {
	const parts = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 });
	fc.assert(
		fc.property(fc.array(parts, { minLength: 1, maxLength: 8 }), (all) => {
			const names = new Names<string>();
			for (const one of all) {
				names.set(one.join('.'), one.join('.'));
			}
			for (const [name] of names.entries()) {
				const minimal = names.minimal(name);
				t.is(names.select(minimal).found, name);
				const shorter = minimal.slice(minimal.indexOf('.') + 1);
				const endsOthers = [...names.entries()].some(([other]) => other.endsWith(`.${name}`));
				t.true(shorter === minimal || endsOthers || names.matching(shorter).length > 1 || names.has(shorter));
			}
		}),
	);
});

test('texts are ordered by code points', (t) => {
	const character = fc.string({ unit: 'binary', minLength: 0, maxLength: 4 });
	fc.assert(
		fc.property(character, character, (a, b) => {
			const [left, right] = [a, b].map((text) => [...text].map((one) => one.codePointAt(0)!)) as [number[], number[]];
			const at = left.findIndex((code, index) => code !== right[index]);
			const expected = at === -1 ? left.length - right.length : left[at]! - (right[at] ?? -1);
			t.is(Math.sign(compareText(a, b)), Math.sign(expected));
		}),
	);
});
