import test from 'ava';
import { check } from '../../../src/registry/check.ts';
import { completeConfig } from '../../../src/registry/complete-config.ts';
import { operativeOf } from '../../../src/registry/operative.ts';
import { catalog, merged } from './zoo.ts';

const known = catalog();

function checked(text: string) {
	return check(merged({ 'a.gin': text }, known), known, ['fit'], {});
}

for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
	test(`${name} is not known as a component or a parameter`, (t) => {
		const { problems } = checked(`fit.net = 'cnn'\ncnn.${name} = 1\n${name}.x = 1\n${name}/cnn.dropout = 0.5\n`);
		t.deepEqual(problems.map(({ code }) => code).sort(), [
			'config.unknown_component',
			'config.unknown_parameter',
			'config.unreachable_scope',
		]);
		t.true(problems.every(({ text }) => text.includes(name)));
		t.deepEqual(
			checked(`fit.net = '${name}'\n`).problems.map(({ code }) => code),
			['config.unknown_component'],
		);
	});

	test(`a macro called ${name} reaches operative.json and config.gin, and is read back`, (t) => {
		const { problems, reached, lookup } = checked(`fit.net = 'cnn'\ncnn.dropout = %${name}\n${name} = 0.25\n`);
		t.deepEqual(problems, []);
		const { components } = operativeOf(reached.nodes, lookup);
		t.is(components['cnn']?.parameters['dropout']?.text, '0.25');
		const again = checked(completeConfig(reached, lookup));
		t.deepEqual(again.problems, []);
		t.is(operativeOf(again.reached.nodes, again.lookup).components['cnn']?.parameters['dropout']?.text, '0.25');
		t.false('x' in {});
	});
}
