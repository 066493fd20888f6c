import type { Value } from '../src/gin/ast.ts';
import { printBinding } from '../src/gin/printer.ts';
import { keyIdentity } from '../src/gin/values.ts';
import type { Dice } from './gin-mutations.ts';

const names = ['a', 'net', 'optim.Adam', '_x1', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'env', 'use'];
const scopes = ['', '', '', 'train', 'a/b', '__proto__', 'x/constructor/y'];
const pieces = [
	'word',
	' ',
	'\n',
	"'",
	'"',
	'\\',
	'é',
	'日',
	'😀',
	'\ud800',
	'\0',
	'\t',
	'%',
	'@',
	'#',
	'{',
	'x'.repeat(90),
];
const floats = [0, -0, 1e-5, 0.1, 1e16, 5e-324, 1.7976931348623157e308, Number.POSITIVE_INFINITY];

/** A config of random statements and values, as gin or gimlet may write it. */
export function generate(roll: Dice): string {
	return Array.from({ length: 1 + roll(8) }, () => statement(roll)).join('');
}

function statement(roll: Dice): string {
	switch (roll(12)) {
		case 0:
			return `# ${pick(roll, pieces).replaceAll(/[\n\r]/g, ' ')}\n`;
		case 1:
			return `import ${pick(roll, names)}\n`;
		case 2:
			return `${pick(roll, names)}:\n  # inside\n  ${word(roll)} = ${printed(roll)}\n  ${word(roll)} = ${printed(roll)}\n`;
		case 3:
			return `unset ${key(roll)}\n`;
		default:
			return `${key(roll)}${roll(12) === 0 ? ' |' : ' '}= ${printed(roll)}\n`;
	}
}

function key(roll: Dice): string {
	const scope = pick(roll, scopes);
	const name = roll(3) === 0 ? word(roll) : `${pick(roll, names)}.${word(roll)}`;
	return scope === '' ? name : `${scope}/${name}`;
}

function word(roll: Dice): string {
	return pick(roll, names).replaceAll('.', '_');
}

// Below a key of one letter, so that what is too wide is divided at the width that the dice say.
function printed(roll: Dice): string {
	const text = printBinding('k', value(roll, 4), { maxLineLength: 20 + roll(80), extensions: true });
	return text.slice('k = '.length);
}

function value(roll: Dice, depth: number): Value {
	switch (roll(depth > 0 ? 13 : 9)) {
		case 0:
			return { type: 'int', value: roll(4) === 0 ? -(2n ** BigInt(60 + roll(200))) : roll(2000) - 1000 };
		case 1:
			return {
				type: 'float',
				value: roll(2) === 0 ? pick(roll, floats) : (roll(2 ** 31) - 2 ** 30) / (1 + roll(1000)),
			};
		case 2:
		case 3:
			return text(roll);
		case 4:
			return { type: 'bytes', value: Uint8Array.from({ length: roll(30) }, () => roll(256)) };
		case 5:
			return roll(3) === 0 ? { type: 'none' } : { type: 'bool', value: roll(2) === 0 };
		case 6:
			return { type: 'reference', scope: pick(roll, scopes), selector: pick(roll, names), evaluate: roll(2) === 0 };
		case 7:
			return { type: 'macro', scope: pick(roll, scopes), name: pick(roll, names) };
		case 8:
			return { type: 'env', name: 'HOME', fallback: depth > 0 && roll(2) === 0 ? value(roll, depth - 1) : undefined };
		case 9:
			return { type: 'list', items: values(roll, depth) };
		case 10:
			return { type: 'tuple', items: values(roll, depth) };
		case 11:
			return {
				type: 'call',
				name: 'grid',
				args: [{ type: 'list', items: [{ type: 'int', value: roll(9) }, text(roll)] }],
			};
		default: {
			const entries = values(roll, depth).map((item) => [value(roll, 0), item] as const);
			const byKey = new Map(entries.map((entry) => [keyIdentity(entry[0]), entry]));
			byKey.delete(undefined);
			return { type: 'dict', entries: [...byKey.values()] };
		}
	}
}

function text(roll: Dice): Value {
	return { type: 'string', value: Array.from({ length: roll(12) }, () => pick(roll, pieces)).join('') };
}

function values(roll: Dice, depth: number): Value[] {
	return Array.from({ length: roll(6) }, () => value(roll, depth - 1));
}

function pick<T>(roll: Dice, from: readonly T[]): T {
	return from[roll(from.length)]!;
}
