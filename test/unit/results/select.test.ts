import test from 'ava';
import { Fields } from '../../../src/results/fields.ts';
import type { RunRow } from '../../../src/results/run-row.ts';
import { parseCondition, selectRuns } from '../../../src/results/select.ts';

const run = (name: string, state: RunRow['state'], metrics: Record<string, number>, texts: Record<string, string>) =>
	new Fields(
		{ run: name, state, reason: '', epoch: 3, step: 9, created: '', updated: '', kept: false, metrics },
		() => ({
			hash: '',
			values: {},
			texts,
			operative: undefined,
			problem: undefined,
		}),
	);

const runs = [
	run('a', 'finished', { 'test/accuracy': 0.9 }, { 'adam.learning_rate': '0.001', 'mlp.activation': "'relu'" }),
	run('b', 'failed', { 'test/accuracy': Number.NaN }, { 'adam.learning_rate': '0.1', 'mlp.activation': "'tanh'" }),
	run('c', 'finished', {}, { 'sgd.momentum': '0.9' }),
];
const names = (where: string[], sort?: string) =>
	selectRuns(runs, { where: where.map(parseCondition), ...(sort === undefined ? {} : { sort }) }).map(
		({ row }) => row.run,
	);

test('conditions', (t) => {
	t.deepEqual(names(['adam.learning_rate<0.01']), ['a']);
	t.deepEqual(names(['adam.learning_rate >= 1e-1']), ['b']);
	t.deepEqual(names(['mlp.activation=relu']), ['a']);
	t.deepEqual(names(["mlp.activation='tanh'"]), ['b']);
	t.deepEqual(names(['mlp.activation!=relu']), ['b', 'c']);
	t.deepEqual(names(['test/accuracy=nan']), ['b']);
	t.deepEqual(names(['state~fin', 'epoch==3']), ['a', 'c']);
	t.deepEqual(names(['state>0']), []);
});

test('sorting puts runs without the value last', (t) => {
	t.deepEqual(names([], 'adam.learning_rate'), ['a', 'b', 'c']);
	t.deepEqual(names([], '-adam.learning_rate'), ['b', 'a', 'c']);
	t.deepEqual(names([], '-test/accuracy'), ['a', 'b', 'c']);
});

test('a name that no run has is an error with the nearest one', (t) => {
	t.throws(() => names(['adam.lerning_rate<1']), { message: /adam\.learning_rate/u });
	t.throws(() => names([], '-test/acuracy'), { message: /test\/accuracy/u });
	t.throws(() => parseCondition('adam.learning_rate'), { message: /NAME OPERATOR VALUE/u });
	t.deepEqual(selectRuns([], { where: [parseCondition('x=1')] }), []);
});
