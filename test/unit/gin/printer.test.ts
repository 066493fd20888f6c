import test from 'ava';
import fc from 'fast-check';
import type { Value } from '../../../src/gin/ast.ts';
import { floatText } from '../../../src/gin/float-text.ts';
import { parse, parseValue } from '../../../src/gin/parser.ts';
import { isPrintable, printBinding, printValue, reprValue } from '../../../src/gin/printer.ts';
import { keyIdentity } from '../../../src/gin/values.ts';

const read = (text: string, extensions = false) => parseValue({ name: 'x', kind: 'text', text }, { extensions }).value!;
const string = (value: string): Value => ({ type: 'string', value });

const name = fc.stringMatching(/^[A-Za-z_]\w{0,8}$/);
const dotted = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
const scope = fc.array(name, { maxLength: 3 }).map((parts) => parts.join('/'));
const int = fc.oneof(fc.maxSafeInteger(), fc.bigInt()).map((value): Value => {
	const narrow = Number(value);
	return { type: 'int', value: Number.isSafeInteger(narrow) ? narrow + 0 || 0 : value };
});
const leaf: fc.Arbitrary<Value> = fc.oneof(
	int,
	fc.double({ noNaN: true }).map((value): Value => ({ type: 'float', value })),
	fc.string({ unit: 'binary', maxLength: 120 }).map(string),
	fc.string({ unit: 'grapheme', maxLength: 200 }).map(string),
	fc
		.array(fc.constantFrom('word', 'longer_word', ' ', '\n', "'", '"', '\\', 'é', '\ud800'), { maxLength: 60 })
		.map((parts) => string(parts.join(''))),
	fc.uint8Array({ maxLength: 60 }).map((value): Value => ({ type: 'bytes', value })),
	fc.boolean().map((value): Value => ({ type: 'bool', value })),
	fc.constant<Value>({ type: 'none' }),
	fc
		.double({ min: 0, noNaN: true })
		.map((imaginary): Value => ({ type: 'complex', real: 0, imaginary: Math.abs(imaginary) })),
	fc
		.double({ min: 0, noNaN: true })
		.map((imaginary): Value => ({ type: 'complex', real: -0, imaginary: -Math.abs(imaginary) })),
	fc
		.tuple(scope, dotted, fc.boolean())
		.map(([scope, selector, evaluate]): Value => ({ type: 'reference', scope, selector, evaluate })),
	fc.tuple(scope, dotted).map(([scope, name]): Value => ({ type: 'macro', scope, name })),
);
const { value: anyValue } = fc.letrec<{ value: Value }>((tie) => ({
	value: fc.oneof(
		{ depthSize: 'small' },
		leaf,
		fc.array(tie('value'), { maxLength: 6 }).map((items): Value => ({ type: 'list', items })),
		fc.array(tie('value'), { maxLength: 6 }).map((items): Value => ({ type: 'tuple', items })),
		fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 6 }).map((entries): Value => {
			const byKey = new Map(entries.map((entry) => [keyIdentity(entry[0]), entry]));
			byKey.delete(undefined);
			return { type: 'dict', entries: [...byKey.values()] };
		}),
		fc
			.tuple(name, fc.option(tie('value'), { nil: undefined }))
			.map(([name, fallback]): Value => ({ type: 'env', name, fallback })),
	),
}));

function byIdentity([a]: unknown[], [b]: unknown[]): number {
	return String(a) < String(b) ? -1 : 1;
}

/** A value as data: without places, dict entries by key. */
function bare(value: Value): unknown {
	switch (value.type) {
		case 'list':
		case 'tuple':
			return [value.type, ...value.items.map(bare)];
		case 'dict':
			return [
				'dict',
				...value.entries.map(([key, entry]) => [keyIdentity(key), bare(key), bare(entry)]).sort(byIdentity),
			];
		case 'call':
			return ['call', value.name, ...value.args.map(bare)];
		case 'env':
			return ['env', value.name, value.fallback === undefined ? undefined : bare(value.fallback)];
		default: {
			const { span: _, ...rest } = value;
			return rest;
		}
	}
}

test('printing and reading are inverse', (t) => {
	const width = fc.integer({ min: 10, max: 120 });
	fc.assert(
		fc.property(anyValue, width, (value, maxLineLength) => {
			const text = printBinding('a.b', value, { maxLineLength, extensions: true });
			const { statements, problems } = parse({ name: 'x', kind: 'file', text: `${text}\n` }, { extensions: true });
			t.deepEqual(problems, []);
			const [statement] = statements;
			t.deepEqual(bare((statement as { value: Value }).value), bare(value));
		}),
		{ numRuns: 400 },
	);
	t.pass();
});

test('what gin can print, gin reads back', (t) => {
	fc.assert(
		fc.property(anyValue, (value) => {
			fc.pre(isPrintable(value));
			const text = `(${printValue(value)})`;
			t.deepEqual(bare(read(text)), bare(value));
		}),
		{ numRuns: 300 },
	);
	t.pass();
});

for (const [value, text] of [
	[1, '1.0'],
	[-0, '-0.0'],
	[1e16, '1e+16'],
	[1234567890123456, '1234567890123456.0'],
	[123456789012345680, '1.2345678901234568e+17'],
	[1e-4, '0.0001'],
	[1e-5, '1e-05'],
	[1.5e-300, '1.5e-300'],
	[0.1, '0.1'],
	[5e-324, '5e-324'],
	[Number.POSITIVE_INFINITY, 'inf'],
	[Number.NaN, 'nan'],
] as const) {
	test(`float ${text}`, (t) => {
		t.is(floatText(value), text);
	});
}

for (const [value, text] of [
	["it's", '"it\'s"'],
	['\'"', "'\\'\"'"],
	['\n\t\\\0\x7f\xa0', "'\\n\\t\\\\\\x00\\x7f\\xa0'"],
	['é日😀', "'é日😀'"],
	['\u2028\ud800\u{e0001}', "'\\u2028\\ud800\\U000e0001'"],
] as const) {
	test(`string ${text}`, (t) => {
		t.is(reprValue(string(value)), text);
	});
}

test('layout is that of pprint', (t) => {
	t.is(printValue(read('[[1, 2], {"b": (3,), "a": None}]'), { width: 20 }), "[[1, 2],\n {'a': None,\n  'b': (3,)}]");
	t.is(printValue(read('"one two three four"'), { width: 12 }), "('one two '\n 'three '\n 'four')");
	t.is(printValue(read('["one two three"]'), { width: 12 }), "['one two '\n 'three']");
	t.is(printValue(read('b"123456789"'), { width: 10 }), "(b'1234'\n b'56789')");
	t.is(printValue(read('{"a": 1, 2: 3, None: 4, (1,): 5}')), "{None: 4, 2: 3, 'a': 1, (1,): 5}");
});

test('a binding goes below its key where it does not fit', (t) => {
	t.is(printBinding('f.a', read('1')), 'f.a = 1');
	t.is(printBinding('f.a', read('{"k": 1}'), { operator: '|=' }), "f.a |= {'k': 1}");
	t.is(printBinding('f.aaaaaaaaaa', read('[11, 22]'), { maxLineLength: 16 }), 'f.aaaaaaaaaa = \\\n    [11, 22]');
});

test('what Python cannot read back is named', (t) => {
	t.false(isPrintable(read('[1e999]')));
	t.true(isPrintable(read('[1e999]'), true));
	t.is(reprValue(read('-1e999'), true), '-1e999');
	t.is(reprValue(read('-1e999')), '-inf');
	t.is(reprValue(read('-2j')), '(-0-2j)');
	t.is(reprValue(read('-2j'), true), '-2j');
	t.false(isPrintable({ type: 'float', value: Number.NaN }, true));
});
