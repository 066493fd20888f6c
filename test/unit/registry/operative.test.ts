import test from 'ava';
import fc from 'fast-check';
import { z } from 'zod';
import { meaning } from '../../../src/experiments/identity.ts';
import { check } from '../../../src/registry/check.ts';
import { completeConfig } from '../../../src/registry/complete-config.ts';
import { Container } from '../../../src/registry/container.ts';
import { catalogOf } from '../../../src/registry/describe.ts';
import { diffConfigs, showDifference } from '../../../src/registry/difference.ts';
import { type Operative, operativeOf } from '../../../src/registry/operative.ts';
import { Registry } from '../../../src/registry/registry.ts';
import { differingKeys } from '../../../src/results/differing.ts';
import { declareFunctionIn, merged, zoo } from './zoo.ts';

const registry = zoo();
const known = catalogOf(registry);

function effective(text: string, roots: readonly string[] = ['fit'], bindings: readonly string[] = []) {
	const { problems, reached, lookup } = check(merged({ 'a.gin': text }, known, bindings), known, roots, {
		allowUnused: true,
	});
	return {
		problems: problems.map((problem) => problem.text),
		operative: operativeOf(reached.nodes, lookup),
		complete: completeConfig(reached, lookup),
		lookup,
	};
}

function texts({ components }: Operative): Record<string, string> {
	return Object.fromEntries(
		Object.entries(components).flatMap(([path, { parameters }]) =>
			Object.entries(parameters).map(([name, { text }]) => [`${path}.${name}`, text]),
		),
	);
}

test('values, origins and what they won over', (t) => {
	const text = "fit.net = 'cnn'\ncnn.dropout = 0.1\ncnn.dropout = 0\nd = 0.5\n";
	const { operative } = effective(text, ['fit'], ['fit.n_epochs = 3']);
	t.deepEqual(operative.components['cnn']?.parameters['dropout'], {
		value: 0,
		text: '0.0',
		written: '0',
		origin: { type: 'file', source: 'a.gin', line: 3, column: 1, shown: 'a.gin:3:1' },
		overrode: [{ text: '0.1', origin: { type: 'file', source: 'a.gin', line: 2, column: 1, shown: 'a.gin:2:1' } }],
	});
	t.deepEqual(operative.components['fit']?.parameters['n_epochs']?.origin, {
		type: 'bindings',
		source: '-b 1',
		line: 1,
		column: 1,
		shown: '-b 1, binding 1, column 1',
	});
	t.is(operative.components['fit']?.parameters['n_epochs']?.free, true);
	t.deepEqual(operative.components['cnn']?.parameters['bias']?.origin, { type: 'default' });
});

test('a parameter that is younger than a run makes no difference at its default', (t) => {
	const young = new Registry();
	const older = new Registry();
	const parameters = z.object({ size: z.int().default(3) }).describe('Fits.');
	declareFunctionIn(older, 'fit', parameters, () => 0);
	const added = z.boolean().default(false).meta({ added: true });
	declareFunctionIn(young, 'fit', parameters.extend({ drop: added }).describe('Fits.'), () => 0);
	const of = (registered: Registry, text = '') => {
		const catalog = catalogOf(registered);
		const { reached, lookup } = check(merged({ 'a.gin': text }, catalog), catalog, ['fit']);
		return operativeOf(reached.nodes, lookup);
	};
	const [before, now, bound, other] = [
		of(older),
		of(young),
		of(young, 'fit.drop = False'),
		of(young, 'fit.drop = True'),
	];
	t.deepEqual([now.hash, bound.hash], [before.hash, before.hash]);
	t.is(now.components['fit']?.parameters['drop']?.text, 'False');
	t.deepEqual([...diffConfigs(before, now), ...diffConfigs(now, before), ...diffConfigs(before, bound)], []);
	t.deepEqual(meaning(now), meaning(before));
	t.not(other.hash, before.hash);
	t.deepEqual(
		diffConfigs(before, other).map((one) => showDifference(one)),
		['fit.drop: not set -> True (a.gin:1:1)'],
	);
	const config = (operative: Operative) => ({
		hash: '',
		values: {},
		texts: texts(operative),
		operative,
		problem: undefined,
	});
	t.deepEqual(differingKeys([before, now].map(config)), []);
	t.deepEqual(differingKeys([before, other].map(config)), ['fit.drop']);
});

test('a macro, a name and a reference are one value; a tuple is a list', (t) => {
	const a = effective("fit.net = 'cnn'\nadam.rate = 0.5\ncnn.filters = [1, 2]\n").operative;
	const b = effective('fit.net = @cnn()\nr = 0.5\nadam.rate = %r\ncnn.filters = (1, 2)\n').operative;
	t.deepEqual(diffConfigs(a, b), []);
	t.is(a.hash, b.hash);
});

test('what a macro calls is named with the scope of the macro', (t) => {
	const { operative } = effective('net = @mlp()\nfit.net = %net\nnet/mlp.units = 3\n');
	t.is(operative.components['fit']?.parameters['net']?.text, '@net/mlp()');
	t.deepEqual(operative.components['net/mlp']?.parameters['units']?.value, 3);
});

test('differences name component, parameter, both values and their origins', (t) => {
	const a = effective("fit.net = 'cnn'\n").operative;
	const b = effective("fit.net = 'mlp'\nadam.rate = 0.5\nfit.n_epochs = 11\n").operative;
	t.deepEqual(
		diffConfigs(a, b).map((one) => showDifference(one)),
		[
			'adam.rate: 0.001 (default) -> 0.5 (a.gin:2:1)',
			'cnn: only in the first',
			'fit.n_epochs: 10 (default) -> 11 (a.gin:3:1)',
			'fit.net: @cnn() (a.gin:1:1) -> @mlp() (a.gin:1:1)',
			'mlp: only in the second',
		],
	);
	t.deepEqual(
		diffConfigs(a, b)
			.filter(({ free }) => free)
			.map(({ parameter }) => parameter),
		['n_epochs'],
	);
	t.not(a.hash, b.hash);
});

test('free parameters do not change the hash', (t) => {
	const a = effective("fit.net = 'cnn'\n").operative;
	const b = effective("fit.net = 'cnn'\nfit.n_epochs = 11\n").operative;
	t.is(a.hash, b.hash);
});

test('the complete text keeps references, macros and scopes', (t) => {
	const text =
		'fit.net = @a/cnn()\na/cnn.dropout = %d\nd = 0.5\nfit.tools = [@adam(), @one/gin.singleton()]\none/gin.singleton.constructor = @stopper\nstopper.patience = 2\n';
	t.is(
		effective(text).complete,
		`# The complete config: every value of everything that is built, defaults included.
# It stands alone, and read again it gives the same effective config.

# Macros:
# ==============================================================================
d = 0.5

# Singletons:
# ==============================================================================
one/gin.singleton.constructor = @stopper

# Parameters for fit:
# ==============================================================================
fit.net = @a/cnn()
fit.tool = 'adam'
fit.tools = [@adam(), @one/gin.singleton()]
fit.n_epochs = 10
fit.name = None
fit.even = 2

# Parameters for a/cnn:
# ==============================================================================
a/cnn.filters = [32, 64]
a/cnn.dropout = %d
a/cnn.activation = 'relu'
a/cnn.bias = True
a/cnn.inner = None

# Parameters for adam:
# ==============================================================================
adam.rate = 0.001
adam.betas = (0.9, 0.999)
adam.extra = {}

# Parameters for one/stopper:
# ==============================================================================
one/stopper.patience = 2
`,
	);
});

test('what the container built is what the check reached', (t) => {
	const { lookup, operative } = effective("fit.net = @a/cnn()\na/cnn.inner = @mlp()\nfit.tools = ['adam']\n");
	const container = new Container(registry, lookup);
	container.resolve('fit');
	t.deepEqual(operativeOf(container.constructed(), lookup), operative);
});

const scope = fc.constantFrom('', 'a/', 'b/', 'a/b/');
const number = fc.double({ min: 0, max: 0.99, noNaN: true });
const quoted = fc
	.string({ unit: 'grapheme', maxLength: 120 })
	.filter((text) => text !== '__proto__')
	.map((text) => `'${escaped(text)}'`);
const line = fc.oneof(
	fc
		.tuple(scope, fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 40 }))
		.map(([s, v]) => `${s}cnn.filters = [${v.join(', ')}]`),
	fc.tuple(scope, number).map(([s, v]) => `${s}cnn.dropout = ${floatText(v)}`),
	fc.tuple(scope, fc.constantFrom('%d', '%m/d')).map(([s, v]) => `${s}cnn.dropout = ${v}`),
	fc.tuple(scope, fc.constantFrom('relu', 'gelu')).map(([s, v]) => `${s}cnn.activation = '${v}'`),
	fc
		.tuple(scope, fc.constantFrom("'mlp'", '@mlp()', '@a/mlp()', '@b/mlp()', 'None', '%net'))
		.map(([s, v]) => `${s}cnn.inner = ${v}`),
	fc.tuple(scope, fc.integer()).map(([s, v]) => `${s}mlp.units = ${v}`),
	fc
		.constantFrom(
			"fit.net = 'cnn'",
			'fit.net = @a/cnn()',
			'fit.net = @a/b/cnn()',
			'fit.net = %net',
			'fit.net = @one/gin.singleton()',
		)
		.map((text) => text),
	fc.constantFrom("fit.tools = ['adam', @b/adam()]", 'fit.tools = []', 'fit.maker = @cnn', 'fit.maker = @a/mlp'),
	fc.tuple(scope, quoted, fc.integer()).map(([s, key, v]) => `${s}adam.extra = {${key}: ${v}}`),
	fc.tuple(scope, fc.constantFrom('@cosine()', '@a/linear()', '0.5', '3')).map(([s, v]) => `${s}adam.rate = ${v}`),
	quoted.map((text) => `fit.name = ${text}`),
);

function escaped(text: string): string {
	return text
		.replaceAll('\\', '\\\\')
		.replaceAll("'", "\\'")
		.replaceAll('\n', '\\n')
		.replaceAll('\r', '\\r')
		.replaceAll('\0', '\\x00');
}

function floatText(value: number): string {
	return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

test('the complete text gives the same effective config when read again, whatever the config', (t) => {
	fc.assert(
		fc.property(fc.array(line, { maxLength: 14 }), (lines) => {
			const base = "fit.net = 'cnn'\nd = 0.25\nm/d = 0.75\nnet = @mlp()\none/gin.singleton.constructor = @mlp\n";
			const roots = ['fit', 'a/fit'];
			const first = effective(`${base}${lines.join('\n')}\n`, roots);
			t.deepEqual(first.problems, []);
			const second = effective(first.complete, roots);
			t.deepEqual(second.problems, []);
			t.deepEqual(texts(second.operative), texts(first.operative));
			t.is(second.operative.hash, first.operative.hash);
			t.is(second.complete, first.complete);
			const strict = check(merged({ 'c.gin': first.complete }, known), known, roots);
			t.deepEqual(
				strict.problems.map((problem) => problem.text),
				[],
			);
		}),
		{ numRuns: 200 },
	);
});
