import test from 'ava';
import type { Source } from '../../../src/gin/ast.ts';
import { formatPosition, formatProblem, positionOf } from '../../../src/gin/positions.ts';
import { splitBindings } from '../../../src/gin/split-bindings.ts';

const source = (text: string, kind: Source['kind'] = 'file'): Source => ({ name: 'a.gin', kind, text });

test('lines and columns are counted from 1, columns in characters', (t) => {
	const text = source("a = 1\r\n😀 = 'x'\n");
	t.like(positionOf(text, 0), { line: 1, column: 1 });
	t.like(positionOf(text, text.text.indexOf('=', 6)), { line: 2, column: 3 });
	t.like(positionOf(text, text.text.length), { line: 3, column: 1 });
	t.like(positionOf(source('a\rb'), 2), { line: 2, column: 1 });
	t.like(positionOf(source('a\rb', 'text'), 2), { line: 1, column: 3 });
});

test('a problem shows its line and a caret', (t) => {
	const text = source('x = 1\n\ta = [1, oops]\n');
	const start = text.text.indexOf('oops');
	t.is(
		formatProblem({ source: text, start, end: start + 4 }, 'not a value'),
		'a.gin:2:10: not a value\n    \ta = [1, oops]\n    \t        ^^^^',
	);
});

test('what a line hides is shown, and the caret stands under it', (t) => {
	const text: Source = { name: 'a\nb.gin', kind: 'file', text: "x = '\x1b' \u202eoops" };
	const start = text.text.indexOf('\u202e');
	t.is(
		formatProblem({ source: text, start, end: start + 2 }, 'no\nvalue'),
		String.raw`a\nb.gin:1:9: no\nvalue` +
			String.raw`
    x = '\x1b' \u202eoops` +
			`\n${' '.repeat(15)}${'^'.repeat(7)}`,
	);
});

test('a long line is cut around the caret', (t) => {
	const text = source(`x = ${'1, '.repeat(500)}oops${', 2'.repeat(500)}`);
	const start = text.text.indexOf('oops');
	const [, line, caret] = formatProblem({ source: text, start, end: start + 4 }, 'no').split('\n');
	t.true(line!.length < 140);
	t.is(line!.slice(caret!.indexOf('^'), caret!.lastIndexOf('^') + 1), 'oops');
	t.true(line!.includes('…'));
});

test('a problem at the end of the text has a caret too', (t) => {
	const text = source('x =');
	t.is(formatProblem({ source: text, start: 3, end: 3 }, 'no value'), 'a.gin:1:4: no value\n    x =\n       ^');
});

test('arguments say which binding', (t) => {
	const text: Source = { name: '-b 1', kind: 'bindings', text: "a='#'#b=oops\n+1" };
	const start = text.text.indexOf('oops');
	t.is(formatPosition({ source: text, start, end: start + 4 }), '-b 1, binding 2, column 3');
	const later = text.text.indexOf('+');
	t.is(formatPosition({ source: text, start: later, end: later }), '-b 1, binding 2, line 2, column 1');
});

for (const [text, parts] of [
	['a=1#b=2', ['a=1', 'b=2']],
	["a='#'#b=[1,#2\n]#", ["a='#'", 'b=[1,#2\n]']],
	['a="""#"""# b=1 ##', ['a="""#"""', ' b=1 ']],
	["a='#b", ["a='", 'b']],
	['', []],
] as const) {
	test(`split ${JSON.stringify(text)}`, (t) => {
		const found = splitBindings(text);
		t.deepEqual(
			found.map((part) => part.text),
			[...parts],
		);
		for (const part of found) {
			t.is(text.slice(part.start, part.end), part.text);
		}
	});
}
