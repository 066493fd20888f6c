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

/** Texts of about a million characters that would be slow or deep for a careless parser. */
export function giants(size: number): ReadonlyMap<string, string> {
	const times = (piece: string) => piece.repeat(Math.ceil(size / piece.length));
	return new Map([
		['[', `x = ${times('[')}`],
		['[ on lines', `x = ${times('[\n')}`],
		['(', `x = ${times('(')}`],
		['{1:', `x = ${times('{1:')}`],
		['%a', `x = ${times('%a')}`],
		['[%a,', `x = [${times('%a,')}]`],
		['-', `x = ${times('-')}`],
		['a/', `${times('a/')}b.c = 1`],
		['a.', `${times('a.')}c = 1`],
		['@a/', `x = @${times('a/')}b`],
		['digits', `x = ${times('7')}`],
		['hexadecimal digits', `x = 0x${times('f')}`],
		['underscores', `x = ${times('1_')}1`],
		['exponent', `x = 1e${times('9')}`],
		['blank', times(' ')],
		['backslash', `x = ${times('\\\n')}`],
		['comment', `#${times('#')}`],
		['quotes', `x = ${times("'")}`],
		['adjacent strings', `x = (${times("'a' ")})`],
		['unclosed string lines', times("x = 'a\n")],
		['unclosed triple quotes', times("x = '''a\n")],
		['unclosed brackets', times('x = [1,\n')],
		['unclosed brackets of strings', times('x = ["a",\n"""\n')],
		[
			'deeper and deeper',
			Array.from({ length: Math.sqrt(size * 2) }, (_, depth) => `${' '.repeat(depth)}a = 1\n`).join(''),
		],
		['wrong dedents', times('    a = 1\n  b = 2\n')],
		['closers', times(')\n')],
		['headers', times('a:\n')],
		['blocks', times('a:\n b = 1\n')],
		['bad block lines', `a:\n${times(' b = )\n')}`],
		['dict keys', `x = {${times('1: 1, ')}}`],
		['escapes', `x = '${times('\\n')}'`],
		['bad escape', `x = '${times('a')}\\x'`],
		['carriage returns', times('\r')],
		['semicolons', times('a = 1;')],
		['keywords', times('import ')],
		['one long name', times('a')],
		['hashes of bindings', times('a=)#')],
	]);
}
