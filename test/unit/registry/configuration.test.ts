import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { z } from 'zod';
import { Configuration } from '../../../src/registry/configuration.ts';
import { declareIn, Net, Tool, toolKind, zoo } from './zoo.ts';

const folder = mkdtempSync(join(tmpdir(), 'gimlet-configuration-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: string | Uint8Array): string {
	const whole = join(folder, path);
	mkdirSync(dirname(whole), { recursive: true });
	writeFileSync(whole, content);
	return whole;
}

test('text, later lines, scopes and queries', async (t) => {
	const config = await Configuration.fromText("fit.net = 'mlp'\nlr = 0.5\na/mlp.units = 3\n", { registry: zoo() });
	config.bind('mlp.units = 4').scope('a').scope('b').bind('mlp.units = 5');
	t.like(config.query('mlp.units'), { value: { type: 'int', value: 4 }, origin: { type: 'text', source: 'bind 1' } });
	t.like(config.query('%lr'), { value: { value: 0.5 } });
	t.is(config.query('c/mlp.units'), undefined);
	t.is(config.resolve<Net>('mlp').p['units'], 4);
	t.is(config.resolve<Net>('mlp', 'a').p['units'], 3);
	t.is(config.scope('a/b').resolve<Net>('mlp').p['units'], 5);
	t.throws(() => config.query('mlp'), { message: /is no parameter/u });
});

test('code binds JavaScript values', async (t) => {
	const config = await Configuration.fromText("fit.net = 'mlp'\n", { registry: zoo() });
	config.bind('mlp.units', 7).scope('a').bind('mlp.units', 8);
	t.is(config.resolve<Net>('mlp').p['units'], 7);
	t.is(config.resolve<Net>('mlp', 'a').p['units'], 8);
	config.bind('free', ['a\nb = 1', { '__proto__ ': [1.5, null, true] }]);
	t.is(config.merged.macros.length, 1);
	t.throws(() => config.bind('mlp.units', Number.NaN), { message: /is not a value/u });
});

test('several configs do not know of each other', async (t) => {
	const registry = zoo();
	const [a, b] = await Promise.all(
		[1, 2].map((units) => Configuration.fromText(`mlp.units = ${units}\n`, { registry })),
	);
	t.is(a!.resolve<Net>('mlp').p['units'], 1);
	t.is(b!.resolve<Net>('mlp').p['units'], 2);
});

test('finalize reports every problem, and locks where there is none', async (t) => {
	const config = await Configuration.fromText("fit.net = 'mlp'\n", { registry: zoo() });
	config.bind('mlp.units = "x"').bind('fit.even = 3');
	const error = t.throws(() => config.finalize(['fit']), { name: 'ConfigError' });
	t.regex(error.message, /mlp\.units expects integer, got string "x"/u);
	t.regex(error.message, /fit\.even expects an even number/u);
	config.bind('mlp.units = 1').bind('fit.even = 4').finalize(['fit']);
	t.true(config.isLocked);
	t.throws(() => config.bind('mlp.units = 2'), { message: /locked/u });
	t.is(config.resolve<Net>('mlp').p['units'], 1);
});

test('a mistake in a bound line is reported at once and changes nothing', async (t) => {
	const config = await Configuration.fromText('', { registry: zoo() });
	t.throws(() => config.bind('mlp.units = '), { name: 'ConfigError' });
	t.is(config.query('mlp.units'), undefined);
});

test('names that JavaScript objects have are ordinary names', async (t) => {
	const text =
		"fit.net = 'mlp'\nadam.extra = {'__proto__': 1}\na/adam.extra = {'constructor': 2}\n__proto__.polluted = 1\nconstructor.prototype = 2\nfit.__proto__ = 3\n";
	const config = await Configuration.fromText(text, { registry: zoo() });
	const { problems } = config.check(['fit', 'a/fit']);
	t.deepEqual(
		problems.map(({ code }) => code),
		['config.unknown_key', 'config.unknown_component', 'config.unknown_component', 'config.unknown_parameter'],
	);
	const { extra } = config.resolve<Net>('adam', 'a').p as { extra: Record<string, number> };
	t.deepEqual(Object.entries(extra), [['constructor', 2]]);
	t.is(({} as Record<string, unknown>)['polluted'], undefined);
});

test('constants by dotted name', async (t) => {
	const constants = new Map([['sizes.SMALL', { type: 'int', value: 5 } as const]]);
	const config = await Configuration.fromText("fit.net = 'mlp'\nmlp.units = %SMALL\n", { registry: zoo(), constants });
	config.finalize(['fit']);
	t.is(config.resolve<Net>('mlp').p['units'], 5);
});

test('missing, binary and unreadable files', async (t) => {
	const options = { registry: zoo(), project: folder };
	await t.throwsAsync(Configuration.fromFiles(['none.gin'], options), {
		message: 'There is no config file "none.gin".',
	});
	write('binary.gin', new Uint8Array([0xff, 0xfe, 0, 1]));
	await t.throwsAsync(Configuration.fromFiles(['binary.gin'], options), { message: /is no text in UTF-8/u });
	mkdirSync(join(folder, 'sub.gin'));
	await t.throwsAsync(Configuration.fromFiles(['sub.gin'], options), { message: /is a folder/u });
});

test('a plug-in beside the config is loaded; one that throws or is missing is named', async (t) => {
	const flag = `gimletPluginTest${process.pid}`;
	write('with/mine.ts', `const n: number = 3;\n(globalThis as Record<string, unknown>)['${flag}'] = n;\nexport {};\n`);
	write('with/a.gin', "import './mine.ts'\n");
	const config = await Configuration.fromFiles(['with/a.gin'], { registry: zoo(), project: folder });
	t.is((globalThis as Record<string, unknown>)[flag], 3);
	t.deepEqual(
		config.plugins.map(({ written }) => written),
		['./mine.ts'],
	);
	write('bad/mine.ts', "throw new Error('oh no');\n");
	write('bad/a.gin', "import './mine.ts'\n");
	await t.throwsAsync(Configuration.fromFiles(['bad/a.gin'], { registry: zoo(), project: folder }), {
		message: /import '\.\/mine\.ts': .*bad\/mine\.ts failed to load: oh no/u,
	});
	write('moved.gin', "import '/nowhere/at/all/mine.ts'\n");
	const moved = await Configuration.fromFiles(['moved.gin'], {
		registry: zoo(),
		project: folder,
		plugins: ['with/mine.ts'],
	});
	t.deepEqual(moved.check([]).problems, []);
	write('lost.gin', "import './nowhere.ts'\nimport numpy\n");
	const lost = await Configuration.fromFiles(['lost.gin'], { registry: zoo(), project: folder });
	t.deepEqual(
		lost.check([]).problems.map(({ code }) => code),
		['config.import_missing', 'config.import_module'],
	);
});

test('a config of the user does not run what lies in a run folder', async (t) => {
	write('run/meta.json', '{}');
	write('run/mine.ts', "throw new Error('executed');\n");
	write('run/config.gin', '');
	write('into.gin', "import './run/mine.ts'\n");
	const config = await Configuration.fromFiles(['into.gin'], { registry: zoo(), project: folder });
	t.deepEqual(
		config.check([]).problems.map(({ code }) => code),
		['config.import_from_run'],
	);
});

test('a singleton that was made stays when something is bound later, as in gin', async (t) => {
	const text = 'fit.net = @one/singleton()\none/singleton.constructor = @mlp\na/fit.net = @one/gin.singleton()\n';
	const config = await Configuration.fromText(text, { registry: zoo() });
	const net = () => config.resolve<{ p: { net: Net } }>('fit').p.net;
	const first = net();
	t.is(config.resolve<{ p: { net: Net } }>('fit', 'a').p.net, first);
	config.bind('one/gin.singleton.constructor = @cnn');
	t.is(net(), first);
});

test('a query by any spelling, and of a name that is unknown or may mean several', async (t) => {
	const registry = zoo();
	for (const name of ['one.twin', 'two.twin']) {
		declareIn(registry, toolKind, name, z.object({ x: z.int().default(1) }), Tool);
	}
	const config = await Configuration.fromText('r/macro.value = 1\nfit.epochs = 3\none.twin.x = 2\n', { registry });
	t.like(config.query('%r'), { value: { value: 1 } });
	t.like(config.query('r/gin.macro.value'), { value: { value: 1 } });
	t.like(config.query('fit.n_epochs'), { value: { value: 3 } });
	t.throws(() => config.query('twin.x'), { message: '"twin" may mean one.twin or two.twin: write one of them whole.' });
	t.throws(() => config.query('ftt.x'), { message: /There is no component named "ftt"\. Did you mean "fit"/u });
	t.throws(() => config.query('fit.nett'), { message: /fit has no parameter "nett"\. Did you mean "net"/u });
});
