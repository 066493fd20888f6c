import test from 'ava';
import type { Value } from '../../../../src/gin/ast.ts';
import { addBuiltins } from '../../../../src/gin/model/builtins.ts';
import { cellId, cellOf, parseKey, type Vocabulary } from '../../../../src/gin/model/cells.ts';
import { Constants, requiredName } from '../../../../src/gin/model/constants.ts';
import { type Bound, type Meaning, Reading, standsFor, type Types } from '../../../../src/gin/model/meaning.ts';
import { Names } from '../../../../src/gin/model/names.ts';
import { Table } from '../../../../src/gin/model/table.ts';
import { parseValue } from '../../../../src/gin/parser.ts';

const names = new Names<string>();
addBuiltins(names, (name) => name);
for (const name of ['lab.net', 'a.twin', 'b.twin']) {
	names.set(name, name);
}
const words: Vocabulary = { select: (selector) => names.select(selector), parameter: (_, written) => written };

// A place either takes anything, or a component, whose name may be written in quotes.
const types: Types<'any' | 'net'> = {
	any: 'any',
	item: (type) => type,
	entry: (type) => type,
	named: (type, text) => (type === 'net' ? { scope: '', selector: text, evaluate: true } : undefined),
};

function value(text: string): Value {
	return parseValue({ name: 'test', kind: 'text', text }, { extensions: true }).value!;
}

function reading(lines: Record<string, string>, constants: Record<string, string> = {}) {
	const table = new Table<Bound>();
	for (const [key, text] of Object.entries(lines)) {
		const { scope, selector, parameter } = parseKey(key)!;
		const cell = cellOf(scope, selector, parameter, words);
		table.set(cellId(cell), { ...cell, value: value(text) });
	}
	const all = new Constants<Value>();
	all.add(requiredName, { type: 'none' });
	for (const [name, text] of Object.entries(constants)) {
		all.add(name, value(text));
	}
	return new Reading(words, table, all, types);
}

function shown(meaning: Meaning): unknown {
	switch (meaning.is) {
		case 'plain':
			return 'value' in meaning.value ? meaning.value.value : null;
		case 'sequence':
			return meaning.items.map(shown);
		case 'dict':
			return meaning.entries.map(([key, entry]) => [shown(key), shown(entry)]);
		case 'component':
			return `${meaning.scope ?? '?'} ${meaning.name}${meaning.called ? '()' : ''}`;
		case 'shared':
			return `shared ${meaning.key ?? '?'}`;
		case 'trouble':
			return meaning.trouble.reason;
		case 'required':
			return 'required';
		default:
			return shown(standsFor(meaning));
	}
}

test('references, macros and constants mean what they name, by any spelling', (t) => {
	const read = reading({ '%m': '[%c, %PI]', '%c': '@net()', '%a/c': '@net' }, { 'math.PI': '3.5' });
	const of = (text: string) => shown(read.of(value(text), 'any'));
	t.is(of('@net()'), '? lab.net()');
	t.is(of('@s/lab.net'), 's lab.net');
	t.deepEqual(of('%m'), ['c lab.net()', 3.5]);
	t.is(of('@c/macro()'), 'c lab.net()');
	t.is(of('@math.PI/gin.constant()'), 3.5);
	t.is(of('%a/c/deeper'), '? lab.net');
	t.deepEqual(of("{'k': %REQUIRED}"), [['k', 'required']]);
	t.is(of('@k/singleton()'), 'shared k');
	t.is(of('@singleton()'), 'shared ?');
	t.is(of('%none'), 'unbound_macro');
	t.is(of('@c/macro'), 'uncalled_macro');
	t.is(of('@twin()'), 'ambiguous');
	t.is(of('@nothing()'), 'unknown');
	t.is(of('@macro()'), 'unbound_macro');
	t.is(of('@gin.constant()'), 'nameless');
});

test('what a macro calls is called in its scope; a name in quotes is not called by it', (t) => {
	const read = reading({ '%called': '@net()', '%quoted': "'net'" });
	t.is(shown(read.of(value('%called'), 'net')), 'called lab.net()');
	t.is(shown(read.of(value('%quoted'), 'net')), '? lab.net()');
	t.is(shown(read.of(value("'net'"), 'net')), '? lab.net()');
	t.is(shown(read.of(value("'net'"), 'any')), 'net');
});

test('a constant is asked for before a macro, and two that may be meant are ambiguous', (t) => {
	const read = reading({ '%x': '1', '%a/x': '2' }, { 'one.x': '3', 'one.y': '4', 'two.y': '5' });
	t.is(shown(read.of(value('%x'), 'any')), 3);
	t.is(shown(read.of(value('%a/x'), 'any')), 2);
	t.is(shown(read.of(value('%y'), 'any')), 'ambiguous_constant');
});

test('macros that lead back to themselves have no end, and many uses of few are one meaning each', (t) => {
	const circle = reading({ '%a': '%b', '%b': '%a', '%c': '[%c]' });
	t.is(shown(circle.of(value('%a'), 'any')), 'endless_macro');
	t.is(shown(circle.of(value('%c'), 'any')), 'endless_macro');
	t.deepEqual(
		circle.endless.circles.map((macros) => macros.map(({ scope }) => scope)),
		[['a', 'b'], ['c']],
	);
	const chain = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`%m${n + 1}`, `[%m${n}, %m${n}]`]));
	const read = reading({ '%m0': '1', ...chain });
	const seen = new Set<Meaning>();
	const visit = (meaning: Meaning): void => {
		if (!seen.has(meaning)) {
			seen.add(meaning);
			const inner = meaning.is === 'macro' ? [meaning.stands] : meaning.is === 'sequence' ? meaning.items : [];
			inner.forEach(visit);
		}
	};
	visit(read.of(value('%m40'), 'any'));
	t.true(seen.size < 200);
});

test('a singleton is made by what its key or an enclosing one names', (t) => {
	const read = reading({ 'k/singleton.constructor': '@net', 's/gin.singleton.constructor': '@other/net' });
	t.is(shown(read.maker('k/deeper')!.meaning), '? lab.net');
	t.is(shown(read.maker('s')!.meaning), 'other lab.net');
	t.is(read.maker('none'), undefined);
});

test('chains of macros have an end, in whatever order they are defined', (t) => {
	const chain = (count: number) =>
		Object.fromEntries(Array.from({ length: count }, (_, n) => [`%m${n}`, n === 0 ? '1' : `[%m${n - 1}]`]));
	t.is(reading(chain(100)).endless.tooLong, undefined);
	t.is(reading(chain(101)).endless.tooLong?.scope, 'm100');
	const backwards = Object.fromEntries(Object.entries(chain(50_000)).reverse());
	t.truthy(reading(backwards).endless.tooLong);
});
