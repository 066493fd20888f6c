import test from 'ava';
import { addBuiltins } from '../../../../src/gin/model/builtins.ts';
import {
	type Cell,
	cellId,
	cellOf,
	macroCell,
	parseKey,
	spelled,
	type Vocabulary,
} from '../../../../src/gin/model/cells.ts';
import { Names } from '../../../../src/gin/model/names.ts';
import { Table } from '../../../../src/gin/model/table.ts';

interface Line extends Cell {
	readonly value: number;
}

function vocabulary(...components: string[]): Vocabulary {
	const names = new Names<string>();
	addBuiltins(names, (name) => name);
	for (const component of components) {
		names.set(component, component);
	}
	return {
		select: (selector) => names.select(selector),
		parameter: (_component, written) => (written === 'reload' ? 'resume' : written),
	};
}

function tableOf(lines: Record<string, number>, words = vocabulary('lab.net')): Table<Line> {
	const table = new Table<Line>();
	for (const [key, value] of Object.entries(lines)) {
		const written = parseKey(key)!;
		const cell = cellOf(written.scope, written.selector, written.parameter, words);
		table.set(cellId(cell), { ...cell, value });
	}
	return table;
}

test('all spellings of one cell are one cell', (t) => {
	const words = vocabulary('lab.net');
	const id = (key: string) => {
		const { scope, selector, parameter } = parseKey(key)!;
		return cellId(cellOf(scope, selector, parameter, words));
	};
	t.is(id('r/macro.value'), cellId(macroCell('r')));
	t.is(id('a/r/gin.macro.value'), id('%a/r'));
	t.is(id('k/singleton.constructor'), id('k/gin.singleton.constructor'));
	t.is(id('net.reload'), id('lab.net.resume'));
	t.not(id('net.reload'), id('other.reload'));
	t.is(spelled(macroCell('a/r')), 'a/r');
	t.is(spelled(macroCell('')), 'gin.macro.value');
	t.is(parseKey('word'), undefined);
});

test('a name of its own wins over one of gin that it ends, and makes a short one ambiguous', (t) => {
	const { name } = vocabulary('macro').select('macro');
	t.is(name, 'macro');
	t.deepEqual(vocabulary('x.macro').select('macro').candidates, ['gin.macro', 'x.macro']);
});

test('a later line takes the place of an earlier one, and the longest enclosing scope counts', (t) => {
	const table = tableOf({ 'net.x': 1, 'a/b/net.x': 2, 'a/net.x': 3, 'a/net.y': 4, 'b/net.x': 5, 'lab.net.x': 6 });
	const seen = (scope: string) =>
		Object.fromEntries([...table.inScope('lab.net', scope)].map(([name, { value }]) => [name, value]));
	t.deepEqual(seen(''), { x: 6 });
	t.deepEqual(seen('a/b/c'), { x: 2, y: 4 });
	t.deepEqual(seen('a'), { x: 3, y: 4 });
	t.deepEqual(seen('c/a'), { x: 6 });
	t.deepEqual(
		table.holding('lab.net', 'x', 'a/b').map(({ value }) => value),
		[2, 3, 6],
	);
	t.true(table.delete('a/b/lab.net.x'));
	t.deepEqual(seen('a/b'), { x: 3, y: 4 });
});

test('a macro falls back to enclosing ones and to the default of all; so does a singleton', (t) => {
	const table = tableOf({ 'a/macro.value': 1, 'gin.macro.value': 2, 's/singleton.constructor': 3 });
	t.is(table.macro('a/b')?.value, 1);
	t.is(table.macro('c')?.value, 2);
	t.is(table.singleton('s/t')?.value, 3);
	t.is(table.singleton('t'), undefined);
});
