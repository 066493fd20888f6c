import test from 'ava';
import type { Source } from '../../../src/gin/ast.ts';
import { parse, parseValue } from '../../../src/gin/parser.ts';
import { printBinding } from '../../../src/gin/printer.ts';
import { toJs } from '../../../src/gin/values.ts';
import { assemble } from '../../fixtures/assemble.ts';

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];
const surroundings = { read: () => undefined, env: () => undefined, searchPath: [], uses: new Map() };

for (const name of names) {
	test(`${name} is a name like any other`, (t) => {
		const text = `${name} = 1\n${name}.${name} = %${name}\n${name}/${name}.${name} = @${name}/${name}()\n${name}:\n  ${name}2 = {'${name}': {'polluted': True}}\n`;
		const source: Source = { name: 'x.gin', kind: 'file', text };
		t.deepEqual(parse(source, { extensions: true }).problems, []);
		const { bindings, macros, problems } = assemble([source], surroundings);
		t.deepEqual(problems, []);
		t.deepEqual(
			macros.map(({ scope }) => scope),
			[name],
		);
		t.deepEqual(
			bindings.map(({ scope, selector, parameter }) => [scope, selector, parameter]),
			[
				['', name, name],
				[name, name, name],
				['', name, `${name}2`],
			],
		);
		const { value } = bindings[2]!;
		t.is(printBinding('a.b', value, { extensions: true }), `a.b = {'${name}': {'polluted': True}}`);
		t.is(JSON.stringify(toJs(value)), `{"${name}":{"polluted":true}}`);
		t.false('polluted' in {});
	});

	test(`${name} as a dict key makes an object without a prototype`, (t) => {
		const { value } = parseValue({ name: 'x', kind: 'text', text: `{'${name}': 1}` }, { extensions: true });
		const object = toJs(value!) as object;
		t.is(Object.getPrototypeOf(object), null);
		t.deepEqual(Object.keys(object), [name]);
	});
}
