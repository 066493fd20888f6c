import test from 'ava';
import type { Source, Statement, Value } from '../../../src/gin/ast.ts';
import { parse, parseValue } from '../../../src/gin/parser.ts';
import { positionOf } from '../../../src/gin/positions.ts';
import { reprValue } from '../../../src/gin/printer.ts';

const text = (text: string, kind: Source['kind'] = 'text'): Source => ({ name: 'x.gin', kind, text });
const plain = (source: string) => parse(text(source), { extensions: false });
const extended = (source: string) => parse(text(source, 'file'), { extensions: true });

function show(statement: Statement): string {
	const scope = 'scope' in statement && statement.scope !== '' ? `${statement.scope}/` : '';
	switch (statement.type) {
		case 'binding':
			return `${scope}${statement.selector}.${statement.parameter} ${statement.operator} ${reprValue(statement.value, true)}`;
		case 'macro':
			return `${scope}${statement.name} ${statement.operator} ${reprValue(statement.value, true)}`;
		case 'block':
			return `${scope}${statement.selector}: ${statement.bindings.map((line) => `${line.parameter} = ${reprValue(line.value, true)}`).join('; ')}`;
		case 'import':
			return `import ${statement.module}${statement.member === undefined ? '' : `:${statement.member}`} as ${statement.alias}${statement.isFile ? ' (file)' : ''}`;
		case 'use':
			return `use ${statement.group} = ${reprValue(statement.choice, true)}`;
		case 'unset':
			return `unset ${scope}${statement.selector}.${statement.parameter}`;
		default:
			return `${statement.type} ${statement.path}`;
	}
}

const values: ReadonlyArray<readonly [written: string, repr: string]> = [
	['0xFF', '255'],
	['0b1_01', '5'],
	['-0x10', '-16'],
	['123456789012345678901', '123456789012345678901'],
	['-0', '0'],
	['-0.0', '-0.0'],
	['1_0.2', '10.2'],
	['1e5', '100000.0'],
	['1e16', '1e+16'],
	['0.00001', '1e-05'],
	['.5', '0.5'],
	['5.', '5.0'],
	['1e999', 'inf'],
	['2j', '2j'],
	['- 5', '-5'],
	['012', '0'],
	['0x', '0'],
	['12abc', '12'],
	['\'a\' "b"', "'ab'"],
	["r'\\n' '\\n'", "'\\\\n\\n'"],
	["'\\x41\\u00e9\\U0001F600\\101\\q'", "'Aé😀A\\\\q'"],
	["'\\N{BULLET}\\N{GREEK SMALL LETTER ALPHA}\\N{LATIN SMALL LETTER E WITH ACUTE}'", "'•αé'"],
	["'''a\r\nb'''", "'a\\nb'"],
	["'a\\\nb'", "'ab'"],
	["b'\\xff\\u0041'", "b'\\xff\\\\u0041'"],
	["Rb'\\t'", "b'\\\\t'"],
	['[1,]', '[1]'],
	['(1)', '1'],
	['(1,)', '(1,)'],
	['()', '()'],
	['(-\n5)', '-5'],
	["{1: 'a', True: 'b', 1.0: 'c'}", "{1: 'c'}"],
	['{-0.0: 1, 0: 2}', '{-0.0: 2}'],
	['{(1, 2): @a, %m: {}}', '{%m: {}, (1, 2): @a}'],
	['@ s/m.f ( )', '@s/m.f()'],
	['@a.b/c', '@a.b/c'],
	['[@f # why\n (\n)]', '[@f()]'],
	['%__proto__', '%__proto__'],
	['%net.wídth', '%net.wídth'],
	['1 2', '1'],
	['-%m', '%m'],
];

for (const [written, repr] of values) {
	test(`value ${JSON.stringify(written)}`, (t) => {
		const { value, problem } = parseValue(text(written), { extensions: false });
		t.is(problem?.message, undefined);
		t.is(reprValue(value!), repr);
	});
}

const badValues: ReadonlyArray<readonly [written: string, code: string]> = [
	['', 'syntax.value'],
	['\n1', 'syntax.value'],
	['+5', 'syntax.value'],
	['--5', 'syntax.value'],
	['-(5)', 'syntax.value'],
	["-'x'", 'syntax.literal'],
	['-True', 'syntax.literal'],
	['true', 'syntax.literal'],
	['foo', 'syntax.literal'],
	['_5', 'syntax.literal'],
	['lambda: 0', 'syntax.literal'],
	["f'x'", 'syntax.literal'],
	["'\\x4'", 'syntax.literal'],
	["'\\N{NO SUCH THING}'", 'syntax.literal'],
	["b'é'", 'syntax.literal'],
	["'a' b'b'", 'syntax.literal'],
	["'' 'a'", 'syntax.literal'],
	["'a\rb'", 'syntax.literal'],
	['9'.repeat(5000), 'syntax.literal'],
	["'abc", 'syntax.value'],
	["'''abc", 'syntax.eof'],
	['[1', 'syntax.eof'],
	['[1)', 'syntax.expected_comma_or_close'],
	['[,]', 'syntax.value'],
	['{1}', 'syntax.expected_colon'],
	['{1:=2}', 'syntax.expected_colon'],
	['@f(1)', 'syntax.expected_close_paren'],
	['@s /f', 'syntax.selector'],
	['@état', 'syntax.selector'],
	['@', 'syntax.unexpected_token'],
	['[@\nf]', 'syntax.unexpected_token'],
	['{[1]: 2}', 'unhashable_key'],
	['{([],): 1}', 'unhashable_key'],
	['['.repeat(1000), 'recursion'],
];

for (const [written, code] of badValues) {
	test(`not a value ${JSON.stringify(written.slice(0, 30))}`, (t) => {
		t.is(parseValue(text(written), { extensions: false }).problem?.code, code);
	});
}

const texts: ReadonlyArray<readonly [written: string, statements: readonly string[]]> = [
	['# only\n\n', []],
	['a.b.c = 1', ['a.b.c = 1']],
	['s/t/a.c=1\n  m = 2\n    n = 3', ['s/t/a.c = 1', 'm = 2', 'n = 3']],
	['import = 1\nfrom = 2\ninclude = 3\n', ['import = 1', 'from = 2', 'include = 3']],
	['import a.b as c\nfrom a.b import c', ['import a.b as c', 'import a.b:c as undefined']],
	["include 'a' 'b'", ['include ab']],
	['x \\\n = \\\n 5', ['x = 5']],
	['net:  # about\n  # first\n  w = 1\n\n # odd\n  d = [\n1]\n# done\ny = 2', ['net: w = 1; d = [1]', 'y = 2']],
	['  net:\n    w = 1\n  y = 2', ['net: w = 1', 'y = 2']],
	['x/macro:\n\tvalue = 1', ['x/macro: value = 1']],
	['a = 1\r\nb = 2\r\n', ['a = 1', 'b = 2']],
	['__proto__ = 1\nconstructor.prototype = 2', ['__proto__ = 1', 'constructor.prototype = 2']],
];

for (const [written, statements] of texts) {
	test(`text ${JSON.stringify(written)}`, (t) => {
		const result = plain(written);
		t.deepEqual(
			result.problems.map(({ message }) => message),
			[],
		);
		t.deepEqual(result.statements.map(show), statements);
	});
}

const badTexts: ReadonlyArray<readonly [written: string, code: string, line: number, after: number]> = [
	['net.w == 1', 'syntax.statement', 1, 0],
	['net.w', 'syntax.statement', 1, 0],
	['net.w |= 1', 'syntax.statement', 1, 0],
	['a = 1\nloader .path = 1', 'syntax.selector', 2, 1],
	['srv. = 1', 'syntax.selector', 1, 0],
	['a.b/c.d = 1', 'syntax.selector', 1, 0],
	['1net = 1', 'syntax.unexpected_token', 1, 0],
	['\ufeffa = 1', 'syntax.unexpected_token', 1, 0],
	['a = 1, 2', 'syntax.expected_newline', 1, 0],
	['a = 1; b = 2', 'syntax.expected_newline', 1, 0],
	['a = \\ \n 1', 'syntax.value', 1, 0],
	['a = 1\nb = \\\n', 'syntax.eof', 3, 1],
	['a = 1\n\\\n', 'syntax.eof', 3, 0],
	['    a = 1\n  b = 2', 'syntax.dedent', 2, 0],
	['net: w = 1', 'syntax.expected_newline', 1, 0],
	['net:\n\na = 1', 'syntax.expected_indent', 3, 0],
	['net:\n', 'syntax.expected_indent', 2, 0],
	['net:', 'syntax.expected_indent', 2, 0],
	['net:\n ', 'syntax.expected_indent', 2, 0],
	['a = [1\n ', 'syntax.eof', 3, 0],
	['net:\n  1', 'syntax.identifier', 2, 0],
	['net:\n  s/w = 1', 'syntax.expected_equals', 2, 0],
	['net:\n  import os', 'syntax.expected_equals', 2, 0],
	['include (1)', 'syntax.include_path', 1, 0],
	["include b'x'", 'syntax.include_path', 1, 0],
	['from a include b', 'syntax.expected_import', 1, 0],
	['from a import 1', 'syntax.identifier', 1, 0],
	['import a/b', 'syntax.selector', 1, 0],
	["import './x.ts'", 'syntax.unexpected_token', 1, 0],
	['from __gin__ import dynamic_registration as d', 'import.gin_alias', 1, 0],
	['from __gin__ import magic', 'import.gin_feature', 1, 0],
	["extends 'a'", 'syntax.statement', 1, 0],
	["use m = 'a'", 'syntax.statement', 1, 0],
	['unset a.b', 'syntax.statement', 1, 0],
	["a = env('X')", 'syntax.literal', 1, 0],
];

for (const [written, code, line, after] of badTexts) {
	test(`refused ${JSON.stringify(written)}`, (t) => {
		const source = text(written);
		const [problem] = parse(source, { extensions: false }).problems;
		t.is(problem?.code, code);
		t.is(problem?.reported?.line ?? positionOf(source, problem!.span.start).line, line);
		t.is(problem?.after, after);
	});
}

test('all mistakes are reported, and what lies between them is read', (t) => {
	const { statements, problems } = plain(
		"a = )\nb = 1\nc = [1, 2\nd = 3\nnet:\n  w = oops\n  h = 2\ne = 'x\nf: y = 1\n  z = 2\ng = 4\nh = {\n",
	);
	t.deepEqual(
		problems.map(({ code }) => code),
		[
			'syntax.value',
			'syntax.expected_comma_or_close',
			'syntax.literal',
			'syntax.value',
			'syntax.expected_newline',
			'syntax.eof',
		],
	);
	t.deepEqual(statements.map(show), ['b = 1', 'd = 3', 'net: h = 2', 'g = 4']);
	t.deepEqual(
		problems.map(({ after }) => after),
		[0, 1, 2, 3, 3, 4],
	);
});

test('references before a mistake are kept for those who look them up first', (t) => {
	const [problem] = plain('m = 1\na.b = [@f(), %m, ]]').problems;
	t.deepEqual(
		problem?.references.map((reference) => reprValue(reference)),
		['@f()', '%m'],
	);
});

test('comments are kept with their places', (t) => {
	const source = '# head\na = [ # in\n 1]  # tail\nnet:\n # odd\n  w = "#"\n';
	const { comments } = plain(source);
	t.deepEqual(
		comments.map((comment) => comment.text),
		['# head', '# in', '# tail', '# odd'],
	);
	for (const comment of comments) {
		t.is(source.slice(comment.span.start, comment.span.end), comment.text);
	}
});

test('every value says where it stands', (t) => {
	const source = "a.b = [1, -2, 'x' 'y', {k: 1}, @s/f(), %m]\n".replace('k', "'k'");
	const [statement] = plain(source).statements;
	const slices: string[] = [];
	const visit = (value: Value): void => {
		slices.push(source.slice(value.span!.start, value.span!.end));
		if (value.type === 'list') {
			value.items.forEach(visit);
		}
	};
	visit((statement as { value: Value }).value);
	t.deepEqual(slices.slice(1), ['1', '-2', "'x' 'y'", "{'k': 1}", '@s/f()', '%m']);
	t.is(source.slice(statement!.span.start, statement!.span.end), source.trimEnd());
});

test('a lone carriage return ends a line in a file only', (t) => {
	t.deepEqual(parse(text('a = 1\rb = 2', 'file'), { extensions: false }).statements.map(show), ['a = 1', 'b = 2']);
	t.is(plain('a = 1\rb = 2').problems[0]?.code, 'syntax.expected_newline');
});

test('extensions', (t) => {
	const { statements, problems } = extended(
		"extends 'base.gin'\nimport './mine.ts'\nuse model = 'vae'\nuse device = env('D', 'x')\na.b |= {'k': true}\nc = [null, false]\nunset s/a.b\nunset c\nparams.z = %params.y\nuse = 1\nunset = 2\nenv = 3\n",
	);
	t.deepEqual(
		problems.map(({ message }) => message),
		[],
	);
	t.deepEqual(statements.map(show), [
		'extends base.gin',
		'import ./mine.ts as undefined (file)',
		"use model = 'vae'",
		"use device = env('D', 'x')",
		"a.b |= {'k': True}",
		'c = [None, False]',
		'unset s/a.b',
		'unset c.',
		'params.z = %params.y',
		'use = 1',
		'unset = 2',
		'env = 3',
	]);
});

for (const [written, code] of [
	["a = 1\nextends 'x'", 'syntax.extends_first'],
	['use m = 1', 'syntax.use'],
	["use m 'a'", 'syntax.use'],
	['a = env(1)', 'syntax.env'],
	["a = env('X' 1)", 'syntax.env'],
	['a = env', 'syntax.env'],
	['unset', 'syntax.statement'],
	['a = -%m', 'syntax.value'],
] as const) {
	test(`refused extension ${JSON.stringify(written)}`, (t) => {
		t.is(extended(written).problems[0]?.code, code);
	});
}

test('bindings of an argument are divided by #', (t) => {
	const source = text("a=1# b=[2, 3] #c='#'#", 'bindings');
	const { statements, problems } = parse(source, { extensions: true });
	t.deepEqual(problems, []);
	t.deepEqual(statements.map(show), ['a = 1', 'b = [2, 3]', "c = '#'"]);
});

test('kept values are those that would be read again', (t) => {
	const source = text("a.b = [1, @s/f()]\nnet:\n  x = {'k': 2}\n  y |= [%m]\nimport os\nm = 'a' 'b'\n", 'file');
	const again = parse(source, { extensions: true }).statements.slice();
	const { statements } = parse(source, { extensions: true, keepsValues: true });
	t.deepEqual(JSON.parse(JSON.stringify(statements.slice())), JSON.parse(JSON.stringify(again)));
	const [first, second] = [statements.at(0), statements.at(0)];
	t.true(first?.type === 'binding' && second?.type === 'binding' && first.value === second.value);
});
