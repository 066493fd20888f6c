import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

const fragments = [
	...'()[]{}=:,.@%#/\\\'"-\n\t \r\0$?!;~+*<>|&^`_0aé²😀\ufeff\ud800',
	...[
		"'''",
		'"""',
		'\\\n',
		'\r\n',
		'\n  ',
		'  ',
		'@f()',
		'%m',
		'a/b.c = ',
		'x:\n  y = 1\n',
		'1e999',
		'0x',
		'-',
		'|=',
		"b'",
	],
	...['import ', 'from ', 'include ', 'extends ', 'use ', 'unset ', 'env(', 'True', 'null', '__proto__', 'constructor'],
	...["'\\x4'", "'\\N{BULLET}'", "f''", '{[1]: 2}', '{1: 2, True: 3}', "('a' 'b',)", '# comment\n'],
];

/** A source of random numbers that gives the same sequence for the same seed. */
export type Dice = (below: number) => number;

/** Dice for a seed. */
export function dice(seed: number): Dice {
	const generator = xoroshiro128plus(seed);
	return (below) => uniformInt(generator, 0, below - 1);
}

/** A text changed in one to six places: pieces put in, cut out, doubled, swapped, or single characters altered. */
export function mutate(text: string, roll: Dice): string {
	let changed = text;
	for (let count = 1 + roll(6); count > 0; count--) {
		const at = roll(changed.length + 1);
		const length = Math.min(changed.length - at, 1 + roll(12));
		const piece = changed.slice(at, at + length);
		const head = changed.slice(0, at);
		switch (roll(5)) {
			case 0:
				changed = head + fragments[roll(fragments.length)] + changed.slice(at);
				break;
			case 1:
				changed = head + changed.slice(at + length);
				break;
			case 2:
				changed = head + piece.repeat(2 + roll(3)) + changed.slice(at + length);
				break;
			case 3:
				changed = head + String.fromCharCode(roll(256)) + changed.slice(at + 1);
				break;
			default: {
				const other = roll(changed.length + 1);
				changed = head + changed.slice(other, other + length) + changed.slice(at);
			}
		}
	}
	return changed;
}

/** A text with one to four of its bytes changed, put in or cut out; what is no UTF-8 then is replaced. */
export function mutateBytes(text: string, roll: Dice): string {
	let bytes = Buffer.from(text);
	for (let count = 1 + roll(4); count > 0; count--) {
		const at = roll(bytes.length + 1);
		const byte = Buffer.of(roll(256));
		const kept = roll(3);
		// One of three: a byte is put in, replaced, or cut out.
		bytes = Buffer.concat([
			bytes.subarray(0, at),
			kept < 2 ? byte : Buffer.alloc(0),
			bytes.subarray(at + (kept > 0 ? 1 : 0)),
		]);
	}
	return bytes.toString('utf8');
}
