import test from 'ava';
import { ConfigError, UsageError } from '../../../src/core/errors.ts';
import { sweep } from '../../../src/experiments/sweep.ts';

test('grids are combined, zips of one group go side by side, other values are in every point', (t) => {
	t.deepEqual(
		sweep(
			"adam.learning_rate = grid([1e-3, 1e-2])\na/mlp.units = zip([[8], [16]])\nmlp.dropout = zip([0.1, 0.2])\nw = 'x'\n",
		),
		[
			{ 'adam.learning_rate': 0.001, '%w': 'x', 'a/mlp.units': { gin: '[8]' }, 'mlp.dropout': 0.1 },
			{ 'adam.learning_rate': 0.001, '%w': 'x', 'a/mlp.units': { gin: '[16]' }, 'mlp.dropout': 0.2 },
			{ 'adam.learning_rate': 0.01, '%w': 'x', 'a/mlp.units': { gin: '[8]' }, 'mlp.dropout': 0.1 },
			{ 'adam.learning_rate': 0.01, '%w': 'x', 'a/mlp.units': { gin: '[16]' }, 'mlp.dropout': 0.2 },
		],
	);
	t.is(sweep("a.x = zip([1, 2], 'p')\na.y = zip([1, 2], 'q')").length, 4);
});

test('choices and ranges are drawn, the same for the same seed', (t) => {
	const text =
		"mlp:\n  dropout = uniform(0, 0.5)\nadam.learning_rate = log_uniform(1e-4, 1e-1)\nmlp.activation = choice(['relu', 'tanh'])\n";
	const points = sweep(text, { n: 5, seed: 3 });
	t.is(points.length, 5);
	t.deepEqual(points, sweep(text, { n: 5, seed: 3 }));
	t.true(points.every((point) => Number(point['mlp.dropout']) < 0.5 && Number(point['adam.learning_rate']) > 1e-4));
	t.throws(() => sweep(text), { instanceOf: UsageError, message: /say how often/u });
});

test('what is no axis is refused with its place', (t) => {
	t.throws(() => sweep("a.x = grid([])\ninclude 'b.gin'\n"), {
		instanceOf: ConfigError,
		message: /sweep:1:7: grid is written.*sweep:2:1: a sweep is made of lines/su,
	});
});
