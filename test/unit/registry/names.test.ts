import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { z } from 'zod';
import { Configuration } from '../../../src/registry/configuration.ts';
import type { Declaration } from '../../../src/registry/declaration.ts';
import { Registry } from '../../../src/registry/registry.ts';
import { Tool, toolKind, zoo } from './zoo.ts';

const folder = mkdtempSync(join(tmpdir(), 'gimlet-names-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): string {
	const whole = join(folder, path);
	mkdirSync(dirname(whole), { recursive: true });
	writeFileSync(whole, text);
	return whole;
}

function declaration(name: string, more: Partial<Declaration> = {}, aliases: readonly string[] = []): Declaration {
	const parameters = z.strictObject({ x: z.number().default(1) }).meta(aliases.length === 0 ? {} : { aliases });
	return { name, kind: toolKind, parameters, target: Tool, isClass: true, file: 'here.ts', ...more };
}

async function first(registry: Registry, text: string): Promise<string | undefined> {
	const config = await Configuration.fromText(text, { registry });
	return config.check([], { policy: { unused: false, duplicates: false } }).problems[0]?.message;
}

test('any identifier names a component, and other names of it mean it too', async (t) => {
	const registry = new Registry();
	registry.add(declaration('ResNet_50', {}, ['résNet', 'nets.Residual']));
	registry.add(declaration('größe'.replace('ö', 'o')));
	for (const name of ['ResNet_50', 'résNet', 'nets.Residual', 'Residual', 'here.ResNet_50', 'here.résNet']) {
		const config = await Configuration.fromText(`${name}.x = 3\na/ResNet_50.x = 4\n`, { registry });
		t.is(config.resolve<Tool>('ResNet_50').p['x'], 3, name);
		t.like(config.query(`a/${name}.x`), { value: { value: 4 } }, name);
	}
	t.throws(() => registry.add(declaration('other', {}, ['ResNet_50'])), { message: /"ResNet_50" is declared twice/u });
	t.throws(() => registry.add(declaration('résNet')), { message: /declared twice/u });
	t.throws(() => registry.add(declaration('a-b')), { message: /cannot name a tool/u });
	t.throws(() => registry.add(declaration('gin.macro')), { message: /by gin itself/u });
});

test('a module stands before a name; the name alone is enough where it is the only one', async (t) => {
	const registry = new Registry();
	registry.add(declaration('one.twin'));
	registry.add(declaration('two.twin'));
	registry.add(declaration('twins', { file: '/p/src/tools/twins.ts', kind: { ...toolKind, folder: 'tools' } }));
	t.is(await first(registry, 'tools.twins.x = 1\ntwins.x = 2\n'), undefined);
	t.is(await first(registry, 'twin.x = 1\n'), '"twin" may mean one.twin or two.twin: write one of them whole');
	t.regex((await first(registry, 'models.twins.x = 1\n'))!, /there is no component named "models\.twins"/u);
});

test('constants of code, by the shortest name that is the only one', async (t) => {
	const registry = zoo();
	registry.addConstant('sizes.SMALL', 5);
	registry.addConstant('other.sizes.LARGE', 50);
	const text = "fit.net = 'mlp'\nmlp.units = %SMALL\na/mlp.units = @other.sizes.LARGE/gin.constant()\n";
	const config = await Configuration.fromText(text, { registry });
	t.is(config.resolve<Tool>('mlp').p['units'], 5);
	t.is(config.resolve<Tool>('mlp', 'a').p['units'], 50);
	t.like(config.query('LARGE'), { value: { value: 50 } });
	t.throws(() => registry.addConstant('SMALL', 1), { message: /it may mean sizes\.SMALL/u });
	t.throws(() => registry.addConstant('REQUIRED', 1), { message: /cannot name a constant/u });
	t.is(
		await first(registry, 'mlp.units = %sizes\n'),
		'%sizes is not defined. Did you mean "sizes.SMALL" or "other.sizes.LARGE"?',
	);
	registry.addConstant('more.sizes.LARGE', 60);
	t.regex(
		(await first(registry, 'mlp.units = %LARGE\n'))!,
		/may mean the constants other\.sizes\.LARGE or more\.sizes\.LARGE/u,
	);
});

test('a macro and a singleton by the names that gin has for them', async (t) => {
	const text =
		'fit.net = @one/singleton()\none/gin.singleton.constructor = @mlp\nu = 7\nmlp.units = @u/macro()\nfit.tools = [@singleton()]\nsingleton.constructor = @adam\n';
	const config = await Configuration.fromText(text, { registry: zoo() });
	t.deepEqual(config.finalize(['fit']).problems, []);
	const { p } = config.resolve<{ p: { net: Tool; tools: readonly Tool[] } }>('fit');
	t.is(p.net.p['units'], 7);
	t.is(config.container.nameOf(p.tools[0]!), 'adam');
});

test('finalize hooks bind last, see what is bound, and are an origin of their own', async (t) => {
	const registry = zoo();
	registry.addHook('wide', (view) => ({ 'mlp.units': (view.query('mlp.units') as number) * 2, '%later': 3 }));
	const config = await Configuration.fromText("fit.net = 'mlp'\nmlp.units = 4\n", {
		registry,
		bindings: ['mlp.units = 5'],
	});
	config.finalize(['fit'], { allowUnused: true });
	t.is(config.resolve<Tool>('mlp').p['units'], 10);
	t.like(config.query('mlp.units'), { origin: { source: 'hook wide', shown: 'hook wide:1:1' } });
	t.is(config.query('mlp.units')!.overrode.length, 2);
	t.like(config.query('%later'), { value: { value: 3 } });
	t.throws(() => registry.addHook('wide', () => undefined), { message: /two finalize hooks named "wide"/u });
	registry.addHook('deep', () => ({ 'mlp.unts': 1 }));
	const { problems } = (await Configuration.fromText("fit.net = 'mlp'\n", { registry })).check(['fit']);
	t.regex(problems[0]!.text, /^hook deep:1:5: mlp has no parameter "unts"\. Did you mean "units"\?/u);
});

test('import a.b is the file a/b.ts, here or on a plug-in path, and its names may be called by it', async (t) => {
	const mark = `gimletNames${process.pid}`;
	const registry = new Registry();
	Object.assign(globalThis, { [mark]: (name: string, file: string) => registry.add(declaration(name, { file })) });
	const module = (path: string, name: string) => {
		const whole = write(path, '');
		writeFileSync(whole, `(globalThis as never)['${mark}']('${name}', ${JSON.stringify(whole)});\nexport {};\n`);
	};
	module('conf/nets/wide.ts', 'wide');
	module('lib/tools/index.ts', 'hammer');
	module('parts.ts', 'bolt');
	write(
		'conf/a.gin',
		'import nets.wide as w\nfrom lib import tools\nfrom parts import bolt\nw.wide.x = 2\nnets.wide.wide.x = 3\nlib.tools.hammer.x = 4\nbolt.x = 5\n',
	);
	const config = await Configuration.fromFiles(['conf/a.gin'], { registry, project: folder });
	t.deepEqual(config.check([], { allowUnused: true }).problems, []);
	t.is(config.resolve<Tool>('wide').p['x'], 3);
	t.is(config.resolve<Tool>('hammer').p['x'], 4);
	t.deepEqual(config.configString().split('\n').slice(0, 3), [
		'from lib import tools',
		'import nets.wide as w',
		'from parts import bolt',
	]);
	write('lost.gin', 'import nowhere.at.all\nfrom __gin__ import dynamic_registration\nghost.x = 1\n');
	const lost = await Configuration.fromFiles(['lost.gin'], { registry, project: folder, pluginPaths: ['lib'] });
	const [missing, dynamic] = lost.check([]).problems;
	t.regex(
		missing!.message,
		/no module "nowhere\.at\.all"; looked for .*nowhere\/at\/all\.ts, .*lib\/nowhere\/at\/all\.ts/u,
	);
	t.regex(dynamic!.message, /registered by its decorator/u);
	const skipped = await Configuration.fromFiles(['lost.gin'], { registry, project: folder, skipImports: true });
	const { problems, notices } = skipped.check([], { policy: { unknown: 'skip' } });
	t.deepEqual(problems, []);
	t.deepEqual(notices, ['lost.gin:3:1: passed over, for no component is called "ghost".']);
	t.deepEqual(
		skipped.check([], { policy: { unknown: new Set(['gho']) } }).problems.map(({ code }) => code),
		['config.unknown_component'],
	);
});

test('unknown references that are passed over matter where they are used', async (t) => {
	const text = "fit.net = 'mlp'\nfit.tools = [@none()]\ncnn.inner = @none()\nunused = @none\n";
	const config = await Configuration.fromText(text, { registry: zoo() });
	const policy = { unknown: 'skip', unused: false } as const;
	t.deepEqual(
		config.check(['fit'], { policy }).problems.map(({ span }) => span!.start),
		[text.indexOf('@none')],
	);
	t.throws(() => config.resolve('cnn'), { message: /there is no component named "none"/u });
});
