import test from 'ava';
import { inject } from 'inversify';
import { z } from 'zod';
import { check } from '../../../src/registry/check.ts';
import { Container } from '../../../src/registry/container.ts';
import { catalogOf } from '../../../src/registry/describe.ts';
import { component } from '../../../src/registry/parameters.ts';
import { refineWith } from '../../../src/registry/refine.ts';
import type { Registry } from '../../../src/registry/registry.ts';
import { Built, declareIn, merged, Net, netKind, Tool, toolKind, zoo } from './zoo.ts';

interface Fit {
	readonly p: Record<string, unknown> & { readonly net: Built; readonly tool: Built; readonly tools: readonly Built[] };
}

function container(text: string, registry: Registry = zoo(), roots: readonly string[] = ['fit']): Container {
	const known = catalogOf(registry);
	const { problems, lookup } = check(merged({ 'a.gin': text }, known), known, roots);
	if (problems.length > 0) {
		throw new Error(problems.map((problem) => problem.text).join('\n'));
	}
	return new Container(registry, lookup);
}

test('defaults, bound values and components by name or by reference', (t) => {
	const { p } = container("fit.net = 'cnn'\ncnn.filters = [1, 2]\nfit.tools = [@adam(), 'adam']\n").resolve<Fit>('fit');
	t.true(p.net instanceof Net);
	t.deepEqual(p.net.p, { filters: [1, 2], dropout: 0, activation: 'relu', bias: true, inner: null });
	t.true(p.tool instanceof Tool);
	t.is(p.tools.length, 2);
	t.not(p.tools[0], p.tools[1]);
	t.false('maker' in p);
});

test('each resolve is a fresh instance with frozen values', (t) => {
	const made = container("fit.net = 'cnn'\n");
	const a = made.resolve<Net>('cnn');
	const b = made.resolve<Net>('cnn');
	t.not(a, b);
	t.throws(() => (a.p['filters'] as number[]).push(3), { instanceOf: TypeError });
});

test('a scoped reference replaces the scope, an unscoped one runs in the active scope', (t) => {
	const text =
		'fit.net = @a/cnn()\na/cnn.dropout = 0.5\na/cnn.inner = @mlp()\na/mlp.units = 3\nmlp.units = 4\nfit.tools = []\na/b/mlp.units = 5\n';
	const { p } = container(`${text}b/fit.net = @a/b/mlp()\nc/fit.net = 'mlp'\n`, zoo(), [
		'fit',
		'b/fit',
		'c/fit',
	]).resolve<Fit>('fit');
	t.is(p.net.p['dropout'], 0.5);
	t.is((p.net.p['inner'] as Net).p['units'], 3);
});

test('bindings of enclosing scopes merge and the longer prefix wins', (t) => {
	const text = "fit.net = 'mlp'\na/mlp.units = 1\na/b/mlp.units = 2\nmlp.units = 3\n";
	const made = container(text, zoo(), ['fit', 'a/fit', 'a/b/c/fit']);
	t.is(made.resolve<Fit>('fit').p.net.p['units'], 3);
	t.is(made.resolve<Fit>('fit', 'a').p.net.p['units'], 1);
	t.is(made.resolve<Fit>('fit', 'a/b/c').p.net.p['units'], 2);
});

test('a macro calls in the scope of its own name, an uncalled reference in the active one', (t) => {
	const text = 'm = @mlp()\nf = @mlp\nfit.net = %m\nfit.maker = %f\nm/mlp.units = 1\nmlp.units = 2\n';
	const { p } = container(text).resolve<Fit>('fit');
	t.is(p.net.p['units'], 1);
	t.is((p['maker'] as () => Net)().p['units'], 2);
});

test('a singleton is one instance', (t) => {
	const text =
		"fit.net = 'mlp'\nfit.tool = @one/gin.singleton()\nfit.tools = [@one/gin.singleton(), @adam()]\none/gin.singleton.constructor = @adam\none/adam.rate = 1.0\n";
	const { p } = container(text).resolve<Fit>('fit');
	t.is(p.tool, p.tools[0]!);
	t.not(p.tool, p.tools[1]!);
	t.is(p.tool.p['rate'], 1);
});

test('services follow the parameters, also through an inherited constructor', (t) => {
	class Clock {}
	class Timed extends Tool {
		constructor(p: Record<string, unknown>, @inject(Clock) clock: Clock) {
			super(p, clock);
		}
	}
	class Later extends Timed {}
	const registry = zoo();
	declareIn(registry, toolKind, 'timed', z.object({ n: z.int().default(1) }), Timed);
	declareIn(registry, toolKind, 'later', z.object({ n: z.int().default(2) }), Later);
	const made = container("fit.net = 'mlp'\nfit.tools = ['timed', 'later']\n", registry);
	const clock = new Clock();
	made.provide(Clock, clock);
	const { p } = made.resolve<Fit>('fit');
	t.deepEqual(
		p.tools.map((tool) => tool.p['n']),
		[1, 2],
	);
	t.true(p.tools[0]!.services[0] === clock && p.tools[1]!.services[0] === clock);
	t.is(made.nameOf(p.tools[1]!), 'later');
});

test('an error of a constructor names the component and the lines that configured it', (t) => {
	class Broken extends Net {
		constructor(p: Record<string, unknown>) {
			super(p);
			throw new RangeError('too wide');
		}
	}
	const registry = zoo();
	declareIn(registry, netKind, 'broken', z.object({ n: z.int() }), Broken);
	const made = container("fit.net = 'broken'\nbroken.n = 3\n", registry);
	t.throws(() => made.resolve('fit'), {
		instanceOf: RangeError,
		message: 'In the net "broken" (broken.n from a.gin:2:1): too wide',
	});
});

test("rules over several parameters and transformations are the schema's", (t) => {
	const registry = zoo();
	const range = z
		.object({ low: z.int().default(0), high: z.int().default(1) })
		.refine(({ low, high }) => low < high, 'low must be below high');
	declareIn(registry, toolKind, 'range', range, Tool);
	declareIn(
		registry,
		toolKind,
		'twice',
		z.object({ n: z.int().transform((n) => n * 2), inner: component(toolKind).optional() }),
		Tool,
	);
	const { p } = container("fit.net = 'mlp'\nfit.tools = ['range', 'twice']\ntwice.n = 4\n", registry).resolve<Fit>(
		'fit',
	);
	t.deepEqual(
		p.tools.map((tool) => tool.p),
		[{ low: 0, high: 1 }, { n: 8 }],
	);
	const known = catalogOf(registry);
	const text = "fit.net = 'mlp'\nfit.tools = ['range']\nrange.low = 4\n";
	const { problems } = check(merged({ 'a.gin': text }, known), known, ['fit'], { refine: refineWith(registry) });
	t.deepEqual(
		problems.map((problem) => problem.text.split('\n')[0]),
		['a.gin:3:1: range: low must be below high'],
	);
	const bad = container("fit.net = 'mlp'\nfit.tools = ['range']\nrange.low = 4\n", registry);
	t.throws(() => bad.resolve('fit'), { message: /low must be below high/u });
});

test('a component that needs itself ends with a message', (t) => {
	const registry = zoo();
	const known = catalogOf(registry);
	const { lookup } = check(merged({ 'a.gin': 'cnn.inner = @cnn()\n' }, known), known, ['fit']);
	t.throws(() => new Container(registry, lookup).resolve('cnn'), { message: /needs itself/u });
});

test('what was built is recorded with values and origins', (t) => {
	const made = container("fit.net = 'mlp'\nmlp.units = 3\n");
	made.resolve('fit');
	t.deepEqual(
		made.constructed().map(({ component: { name } }) => name),
		['fit', 'mlp', 'adam'],
	);
	const units = made.constructed()[1]!.parameters[0]!;
	t.is(units.bound?.binding.span.start, 16);
});

test('a name in quotes is built in the same scope, whether a macro holds it or not', (t) => {
	const made = container("arch = 'mlp'\nfit.net = %arch\nmlp.units = 5\n");
	const { net } = made.resolve<Fit>('fit').p;
	t.is(made.builtAs(net).scope, '');
	t.throws(() => container("arch = 'mlp'\nfit.net = %arch\narch/mlp.units = 5\n"), {
		message: /"mlp" is never built in the scope "arch"/u,
	});
});
