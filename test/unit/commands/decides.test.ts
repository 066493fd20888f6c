import test from 'ava';
import { whatDecides } from '../../../src/commands/experiment/decides.ts';
import { openConfig } from '../../../src/commands/training-config.ts';
import { UsageError } from '../../../src/core/errors.ts';
import type { Experiment } from '../../../src/experiments/experiment.ts';

async function decided(said: Pick<Partial<Experiment>, 'metric' | 'direction'>, ...bindings: string[]) {
	const binding = ["train.model = 'mlp'", "train.dataset = 'blobs'", ...bindings];
	const config = await openConfig([], { binding, use: new Map(), plugin: ['test/fixtures/plugins/columns.ts'] });
	return whatDecides({ name: 'mine', metric: undefined, direction: undefined, ...said } as Experiment, config);
}

test('an experiment takes the direction from the component that declares its column', async (t) => {
	const declared = true as const;
	t.deepEqual(await decided({}), { metric: 'valid/accuracy', direction: 'max', declared });
	const metrics = "train.metrics = ['mean_absolute_error']";
	t.deepEqual(await decided({}, metrics), { metric: 'valid/mae', direction: 'min', declared });
	t.deepEqual(await decided({}, 'train.metrics = []'), { metric: 'valid/loss', direction: 'min', declared });
	for (const [metric, direction] of [
		['train/loss/l2', 'min'],
		['valid/mae@best', 'min'],
		['valid/fid', 'min'],
	] as const) {
		const bound = [metrics, "train.callbacks = ['declaring']"];
		t.deepEqual(await decided({ metric }, ...bound), { metric, direction, declared });
	}
	const undeclared = { metric: 'valid/other', direction: 'max' } as const;
	t.deepEqual(await decided(undeclared, "train.callbacks = ['open']"), { ...undeclared, declared });
});

test('a metric that no run has, and a contrary direction, are refused', async (t) => {
	await t.throwsAsync(decided({ metric: 'valid/acuracy' }), {
		instanceOf: UsageError,
		message: /Did you mean "valid\/accuracy"/u,
	});
	await t.throwsAsync(decided({ metric: 'accuracy' }), { message: /no run has a column "accuracy"/u });
	await t.throwsAsync(decided({ metric: 'valid/other', direction: 'max' }), { message: /no run has a column/u });
	await t.throwsAsync(decided({ direction: 'min' }), { message: /of valid\/accuracy more is better/u });
});
