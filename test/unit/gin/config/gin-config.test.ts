import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { type Datum, required } from '../../../../src/gin/config/data.ts';
import { GinConfig } from '../../../../src/gin/config/gin-config.ts';
import { GinError } from '../../../../src/gin/config/gin-error.ts';
import { datumFromJs, datumToJs } from '../../../../src/gin/config/js.ts';

function withTrain(host: ConstructorParameters<typeof GinConfig>[0] = {}): GinConfig {
	const config = new GinConfig(host);
	const parameters = [
		{ name: 'rate', default: datumFromJs(0.5) },
		{ name: 'steps', default: datumFromJs(10) },
		{ name: 'data' },
	];
	config.register(
		'train',
		parameters,
		(values) => datumFromJs(new Map([...values].map(([k, v]) => [k, datumToJs(v)]))),
		{
			module: 'lab',
		},
	);
	return config;
}

function called(config: GinConfig, selector = 'train'): unknown {
	return Object.fromEntries(datumToJs(config.call(selector)) as Map<string, unknown>);
}

function codeOf(t: import('ava').ExecutionContext, action: () => unknown): string | undefined {
	return t.throws(action, { instanceOf: GinError })?.code;
}

test('bindings fill in what the caller leaves out; scopes, macros and references apply', (t) => {
	const config = withTrain();
	config.register('load', [{ name: 'path', default: datumFromJs('here') }], (values) => values.get('path')!);
	config.parse("R = 0.1\ntrain.rate = %R\ntrain.data = @s/load()\ns/load.path = 'there'\na/train.steps = 99\n");
	t.deepEqual(called(config), { rate: 0.1, steps: 10, data: 'there' });
	t.deepEqual(called(config, 'a/train'), { rate: 0.1, steps: 99, data: 'there' });
});

test('two configs share nothing', (t) => {
	const [one, other] = [withTrain(), withTrain()];
	one.parse('train.data = 1\nR = 2\n');
	one.constant('lab.C', datumFromJs(1));
	one.finalize();
	t.false(other.isLocked);
	t.is(other.configString(), '');
	t.is(
		codeOf(t, () => other.query('C')),
		'unknown_configurable',
	);
});

test('an error says where it arose, through includes, innermost first', (t) => {
	const files: Record<string, string> = { 'a.gin': "\ninclude 'b.gin'\n", 'b.gin': 'train.rate = 1\ntrain.nope = 2\n' };
	const config = withTrain({ readFile: (path) => files[path] });
	const error = t.throws(() => config.parse("include 'a.gin'"), { instanceOf: GinError });
	t.is(error?.code, 'unknown_parameter');
	t.deepEqual(
		error?.where.map(({ file, line }) => [file, line]),
		[
			['b.gin', 2],
			['a.gin', 2],
			[undefined, 1],
		],
	);
	t.is(datumToJs(config.query('train.rate')), 1);
});

test('a file is looked for along the search path, and imports are asked of the host', (t) => {
	const imported: string[] = [];
	const config = withTrain({
		readFile: (path) => (path === 'lib/x.gin' ? 'import my.parts\ntrain.steps = 3\n' : undefined),
		importModule: (name) => {
			imported.push(name);
			return { name, attribute: () => undefined };
		},
	});
	config.addSearchPath('lib');
	t.deepEqual(config.parseFile('x.gin'), { filename: 'x.gin', includes: [], imports: ['my.parts'] });
	t.deepEqual(imported, ['my.parts', 'my']);
	t.is(
		codeOf(t, () => config.parseFile('y.gin')),
		'file_not_found',
	);
});

test('what is bound is copied for each call', (t) => {
	const config = new GinConfig();
	config.register('grow', [{ name: 'list' }], (values) => {
		const list = values.get('list') as Extract<Datum, { type: 'list' }>;
		list.items.push(datumFromJs('more'));
		return list;
	});
	config.parse('grow.list = [1]');
	t.deepEqual(datumToJs(config.call('grow')), [1, 'more']);
	t.deepEqual(datumToJs(config.call('grow')), [1, 'more']);
	t.deepEqual(datumToJs(config.query('grow.list')), [1]);
});

test('a required parameter must be bound or given', (t) => {
	const config = new GinConfig();
	config.register('f', [{ name: 'x', default: required }], (values) => values.get('x')!);
	t.is(
		codeOf(t, () => config.call('f')),
		'required_missing',
	);
	t.is(datumToJs(config.call('f', { positional: [], named: new Map([['x', datumFromJs(1)]]) })), 1);
	config.bind('f.x', datumFromJs(2));
	t.is(datumToJs(config.call('f')), 2);
});

test('a locked config refuses changes until it is unlocked', (t) => {
	const config = withTrain();
	config.finalize();
	t.is(
		codeOf(t, () => config.parse('train.rate = 1')),
		'locked',
	);
	t.is(
		codeOf(t, () => config.register('g', [], () => datumFromJs(1))),
		'locked_register',
	);
	config.unlocked(() => config.bind('train.rate', datumFromJs(1)));
	t.true(config.isLocked);
	t.throws(() => config.unlocked(() => config.bind('train.zz', datumFromJs(1))));
	t.false(config.isLocked);
});

test('an error of the function keeps its class and is told which configurable it arose in', (t) => {
	const config = new GinConfig();
	config.register('f', [], () => {
		throw new RangeError('too far');
	});
	const error = t.throws(() => config.withScope('a/b', () => config.call('f')), { instanceOf: RangeError });
	t.is(error?.message, "too far\n  In call to configurable 'f' (f) in scope 'a/b'");
});

test('macros that lead back to themselves are an error, not a crash', (t) => {
	const config = withTrain();
	config.parse('a = %b\nb = [%a]\ntrain.data = %a');
	t.is(
		codeOf(t, () => config.call('train')),
		'recursion',
	);
	t.is(config.currentScope, '');
});

test('what a config prints is read back as the same config', (t) => {
	const leaf = fc.oneof(
		fc.constant(null),
		fc.boolean(),
		fc.integer(),
		fc.bigInt(),
		fc.double({ noNaN: true, noDefaultInfinity: true }),
		fc.string({ unit: 'grapheme' }),
		fc.uint8Array({ maxLength: 60 }),
	);
	const { value } = fc.letrec((tie) => ({
		value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value')), fc.dictionary(fc.string(), tie('value'))),
	}));
	fc.assert(
		fc.property(value, fc.constantFrom('', 's/', 's/t/'), (bound, scope) => {
			const [first, second] = [withTrain(), withTrain()];
			first.bind(`${scope}train.data`, datumFromJs(bound));
			first.bind('%m', datumFromJs(bound));
			second.parse(first.configString());
			t.is(second.configString(), first.configString());
			// Printing sorts the keys of dicts.
			t.true(isDeepStrictEqual(datumToJs(second.query('%m')), datumToJs(first.query('%m'))));
		}),
		{ numRuns: 200 },
	);
});

test('names such as __proto__ and constructor are ordinary names', (t) => {
	const config = new GinConfig();
	config.register(
		'constructor',
		[{ name: '__proto__', default: datumFromJs(1) }],
		(values) => values.get('__proto__')!,
	);
	config.parse("constructor.__proto__ = {'__proto__': 2}\ntoString = 3\n");
	t.deepEqual(datumToJs(config.call('constructor')), new Map([['__proto__', 2]]));
	t.is(
		codeOf(t, () => config.parse('hasOwnProperty.x = 1')),
		'unknown_configurable',
	);
	t.is(
		codeOf(t, () => config.parse('constructor.valueOf = 1')),
		'unknown_parameter',
	);
});
