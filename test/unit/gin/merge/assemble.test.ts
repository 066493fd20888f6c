import test from 'ava';
import type { Source } from '../../../../src/gin/ast.ts';
import type { Merged, Surroundings } from '../../../../src/gin/merge/merged.ts';
import { addBuiltins } from '../../../../src/gin/model/builtins.ts';
import { spelled, type Vocabulary } from '../../../../src/gin/model/cells.ts';
import { Names } from '../../../../src/gin/model/names.ts';
import { positionOf } from '../../../../src/gin/positions.ts';
import { reprValue } from '../../../../src/gin/repr.ts';
import { toJs } from '../../../../src/gin/values.ts';
import { assemble } from '../../../fixtures/assemble.ts';

interface Setup {
	files?: Record<string, string>;
	roots?: string[];
	bindings?: string[];
	env?: Record<string, string>;
	searchPath?: string[];
	uses?: Record<string, string>;
	components?: string[];
}

function assembled({ files = {}, roots = ['main.gin'], bindings = [], ...setup }: Setup): Merged {
	const surroundings: Surroundings = {
		read: (path) => files[path],
		env: (name) => setup.env?.[name],
		searchPath: setup.searchPath ?? [],
		uses: new Map(Object.entries(setup.uses ?? {})),
	};
	const sources: Source[] = [
		...roots.map((name): Source => ({ name, kind: 'file', text: files[name] ?? '' })),
		...bindings.map((text, index): Source => ({ name: `-b ${index + 1}`, kind: 'bindings', text })),
	];
	return assemble(sources, surroundings, vocabulary(setup.components ?? ['net', 'train', 'adam']));
}

function vocabulary(components: readonly string[]): Vocabulary {
	const names = new Names<string>();
	addBuiltins(names, (name) => name);
	for (const component of components) {
		names.set(component, component);
	}
	return {
		select: (selector) => names.select(selector),
		parameter: (_component, written) => (written === 'reload' ? 'resume' : written),
	};
}

function values({ bindings }: Merged): Record<string, unknown> {
	return Object.fromEntries(
		bindings.map(({ scope, selector, parameter, value }) => [
			`${scope === '' ? '' : `${scope}/`}${selector}.${parameter}`,
			toJs(value, ({ type }) => `<${type}>`),
		]),
	);
}

function macros(merged: Merged): Record<string, unknown> {
	return Object.fromEntries(
		merged.macros.map((macro) => [spelled(macro), toJs(macro.value, ({ type }) => `<${type}>`)]),
	);
}

function codes({ problems }: Merged): string[] {
	return problems.map(({ code }) => code);
}

test('the last line wins, per scope, and what it overrode is kept', (t) => {
	const merged = assembled({
		files: { 'main.gin': 'net.width = 1\nnet.width = 2\ns/net.width = 3\n' },
		bindings: ['net.width = 4'],
	});
	t.deepEqual(values(merged), { 'net.width': 4, 's/net.width': 3 });
	const [binding] = merged.bindings;
	t.is(binding?.span.source.name, '-b 1');
	t.deepEqual(
		binding?.overrode.map(({ value, span }) => [toJs(value), span.source.name, span.start]),
		[
			[2, 'main.gin', 14],
			[1, 'main.gin', 0],
		],
	);
	t.deepEqual(codes(merged), []);
});

test('different spellings of one component are one binding', (t) => {
	const surroundings: Surroundings = { read: () => undefined, env: () => undefined, searchPath: [], uses: new Map() };
	const text = 'net.width = 1\nmodels.net.width = 2\n';
	const merged = assemble([{ name: 'm', kind: 'text', text }], surroundings, vocabulary(['models.net']));
	t.deepEqual(values(merged), { 'models.net.width': 2 });
	t.is(merged.bindings[0]?.written, 'models.net');
	t.is(merged.bindings[0]?.overrode.length, 1);
});

test('a block binds each of its lines', (t) => {
	const merged = assembled({ files: { 'main.gin': 's/net:\n  width = 1\n  depth = [2]\n' } });
	t.deepEqual(values(merged), { 's/net.width': 1, 's/net.depth': [2] });
});

test('an include lies beside the including file, else in the working directory, else on the search path', (t) => {
	const merged = assembled({
		files: {
			'conf/main.gin': "include 'a.gin'\ninclude 'b.gin'\ninclude 'c.gin'\n",
			'conf/a.gin': "net.a = 'beside'\n",
			'a.gin': "net.a = 'cwd'\n",
			'b.gin': "net.b = 'cwd'\n",
			'lib/b.gin': "net.b = 'lib'\n",
			'lib/c.gin': "net.c = 'lib'\n",
		},
		roots: ['conf/main.gin'],
		searchPath: ['lib'],
	});
	t.deepEqual(values(merged), { 'net.a': 'beside', 'net.b': 'cwd', 'net.c': 'lib' });
	t.deepEqual(
		merged.files.map(({ path, via }) => `${via} ${path}`),
		['root conf/main.gin', 'include conf/a.gin', 'include b.gin', 'include lib/c.gin'],
	);
});

test('a missing include is reported with every place that was looked at, and the rest is still read', (t) => {
	const merged = assembled({
		files: { 'x/m.gin': "include 'no.gin'\nnet.a = 1\n" },
		roots: ['x/m.gin'],
		searchPath: ['lib'],
	});
	t.deepEqual(codes(merged), ['config.include_missing']);
	t.true(merged.problems[0]?.text.includes('x/no.gin, no.gin, lib/no.gin'));
	t.deepEqual(values(merged), { 'net.a': 1 });
});

test('a cycle of includes names the chain', (t) => {
	const merged = assembled({ files: { 'main.gin': "include 'a.gin'\n", 'a.gin': "include 'main.gin'\n" } });
	t.deepEqual(codes(merged), ['config.include_cycle']);
	t.true(merged.problems[0]?.text.includes('main.gin -> a.gin -> main.gin'));
});

test('extends reads the parent first and records the chain from the root upwards', (t) => {
	const merged = assembled({
		files: {
			'main.gin': "extends 'mid.gin'\nnet.a = 'main'\n",
			'mid.gin': "extends 'base.gin'\nnet.a = 'mid'\nnet.b = 'mid'\n",
			'base.gin': "net.a = 'base'\nnet.b = 'base'\nnet.c = 'base'\n",
		},
	});
	t.deepEqual(values(merged), { 'net.a': 'main', 'net.b': 'mid', 'net.c': 'base' });
	t.deepEqual(
		merged.chain.map(({ child, parent }) => `${child} < ${parent}`),
		['main.gin < mid.gin', 'mid.gin < base.gin'],
	);
});

test('extends must come first', (t) => {
	const merged = assembled({ files: { 'main.gin': "net.a = 1\nextends 'b.gin'\n", 'b.gin': 'net.a = 2\n' } });
	t.deepEqual(values(merged), { 'net.a': 1 });
	t.is(codes(merged).length, 1);
});

const zoo = {
	'configs/model/vae.gin': "net.kind = 'vae'\nnet.only_vae = 1\nuse optimizer = 'sgd'\n",
	'configs/model/vib.gin': "net.kind = 'vib'\n",
	'configs/optimizer/sgd.gin': "adam.name = 'sgd'\n",
	'configs/optimizer/adam.gin': "adam.name = 'adam'\n",
};

test('a later use of a group replaces the whole earlier choice, with the choices it made', (t) => {
	const files = { ...zoo, 'main.gin': "use optimizer = 'adam'\nuse model = 'vae'\nuse model = 'vib'\n" };
	const merged = assembled({ files, searchPath: ['configs'] });
	t.deepEqual(values(merged), { 'adam.name': 'adam', 'net.kind': 'vib' });
	t.deepEqual(
		merged.uses.map(({ group, choice, path }) => `${group}=${choice} ${path}`),
		['optimizer=adam configs/optimizer/adam.gin', 'model=vib configs/model/vib.gin'],
	);
	t.false(merged.files.some(({ path }) => path.includes('vae')));
});

test('--use takes the place of the line, so later lines still win', (t) => {
	const files = { ...zoo, 'main.gin': "use model = 'vae'\nnet.kind = 'mine'\n" };
	const merged = assembled({ files, searchPath: ['configs'], uses: { model: 'vib' } });
	t.deepEqual(values(merged), { 'net.kind': 'mine' });
	t.deepEqual(
		merged.uses.map(({ choice, fromCommandLine }) => [choice, fromCommandLine]),
		[['vib', true]],
	);
});

test('--use of a group without a line counts after the files and before -b', (t) => {
	const files = { ...zoo, 'main.gin': "net.kind = 'mine'\nnet.only_vae = 0\n" };
	const merged = assembled({ files, searchPath: ['configs'], uses: { model: 'vae' }, bindings: ['net.only_vae = 2'] });
	t.deepEqual(values(merged), { 'net.kind': 'vae', 'net.only_vae': 2, 'adam.name': 'sgd' });
	t.is(merged.bindings.find(({ parameter }) => parameter === 'kind')?.span.source.name, 'configs/model/vae.gin');
});

test('a choice that does not exist, leads outside or chooses itself is a problem', (t) => {
	const files = {
		...zoo,
		'main.gin': "use model = 'nope'\nuse optimizer = '../x'\nuse me = 'me'\n",
		'configs/me/me.gin': "use me = 'x'\n",
	};
	t.deepEqual(codes(assembled({ files, searchPath: ['configs'] })).sort(), [
		'config.use_choice',
		'config.use_cycle',
		'config.use_missing',
	]);
});

test('env() gives a string, or plain data where the fallback is no string', (t) => {
	const text =
		"net.a = env('A')\nnet.b = env('B', 1)\nnet.c = env('C', 2)\nnet.d = [env('D', 'x')]\nuse model = env('M', 'vae')\n";
	const merged = assembled({
		files: { ...zoo, 'main.gin': text },
		searchPath: ['configs'],
		env: { A: '1', B: '[3]', M: 'vib' },
	});
	t.deepEqual(values(merged), { 'net.a': '1', 'net.b': [3], 'net.c': 2, 'net.d': ['x'], 'net.kind': 'vib' });
	t.deepEqual(
		merged.environment.map(({ name, found }) => [name, found]),
		[
			['A', '1'],
			['B', '[3]'],
			['C', undefined],
			['D', undefined],
			['M', 'vib'],
		],
	);
	t.deepEqual(codes(merged), []);
});

test('an unset variable without fallback, and one that is no plain data, are problems', (t) => {
	const text = "net.a = env('A')\nnet.b = env('B', 1)\n";
	t.deepEqual(codes(assembled({ files: { 'main.gin': text }, env: { B: '@train()' } })), [
		'config.env_unset',
		'config.env_value',
	]);
});

test('a variable that goes on after its first value is a problem, blanks around it are none', (t) => {
	const read = (text: string) => assembled({ files: { 'main.gin': "net.a = env('A', 0.5)\n" }, env: { A: text } });
	for (const text of ['0,01', '1 e-3', '0.1.2', '1e-3x', '[1] [2]', '1\nnet.b = 2', '1 # one', '']) {
		t.deepEqual(codes(read(text)), ['config.env_value'], text);
	}
	t.deepEqual(values(read(' 0.25 \n')), { 'net.a': 0.25 });
});

test('|= merges dicts and appends to lists; without an earlier value it adds to the default', (t) => {
	const text = "net.d = {'a': 1, 'b': 2}\nnet.d |= {'b': 3}\nnet.l = [1]\nnet.l |= [2]\nnet.n |= [1]\ns/net.l |= [3]\n";
	const merged = assembled({ files: { 'main.gin': text } });
	t.deepEqual(
		{ ...values(merged), 'net.d': null },
		{ 'net.d': null, 'net.l': [1, 2], 'net.n': [1], 's/net.l': [1, 2, 3] },
	);
	t.deepEqual({ ...(values(merged)['net.d'] as object) }, { a: 1, b: 3 });
	t.deepEqual(
		merged.bindings.map(({ ontoDefault }) => ontoDefault),
		[false, false, true, false],
	);
	t.deepEqual(codes(merged), []);
});

test('|= of values that do not fit is a problem', (t) => {
	const text = 'net.a = 1\nnet.a |= [2]\nnet.b |= 3\n';
	t.deepEqual(codes(assembled({ files: { 'main.gin': text } })), ['config.join_type', 'config.join_type']);
});

test('unset removes a binding or a macro; there must be one', (t) => {
	const text = 'net.a = 1\nm = 2\nunset net.a\nunset m\nunset net.b\n';
	const merged = assembled({ files: { 'main.gin': text } });
	t.deepEqual(values(merged), {});
	t.deepEqual(macros(merged), {});
	t.deepEqual(codes(merged), ['config.unset_unbound']);
});

test('a dotted name is a macro where a %name uses it and no component has the name', (t) => {
	const text = 'params.z = 64\nparams.y = 1\nnet.z = %params.z\nnet.q = %net.z\nunset params.z\nparams.z = 65\n';
	const merged = assembled({ files: { 'main.gin': text } });
	t.deepEqual(macros(merged), { 'params.z': 65 });
	t.deepEqual(values(merged), { 'params.y': 1, 'net.z': '<macro>', 'net.q': '<macro>' });
});

test('macros keep their scope, imports their folder', (t) => {
	const merged = assembled({
		files: { 'c/m.gin': "a/m = 1\nm = 2\nimport './x.ts'\nimport json\n" },
		roots: ['c/m.gin'],
	});
	t.deepEqual(macros(merged), { 'a/m': 1, m: 2 });
	t.deepEqual(
		merged.imports.map(({ statement, folder }) => [statement.module, statement.isFile, folder]),
		[
			['./x.ts', true, 'c'],
			['json', false, 'c'],
		],
	);
});

test('all problems of syntax are reported, and the lines between them count', (t) => {
	const merged = assembled({ files: { 'main.gin': 'net.a = \nnet.b = 1\nnet.c = nope\n' } });
	t.is(merged.problems.length, 2);
	t.true(merged.problems[0]!.text.startsWith('main.gin:1:'));
	t.true(merged.problems[1]!.text.startsWith('main.gin:3:'));
	t.deepEqual(values(merged), { 'net.b': 1 });
});

test('names such as __proto__ are ordinary', (t) => {
	const merged = assembled({ files: { 'main.gin': "__proto__.constructor = {'__proto__': 1}\n" } });
	t.is(merged.bindings[0]?.selector, '__proto__');
	t.deepEqual(Object.keys(toJs(merged.bindings[0]!.value) as object), ['__proto__']);
	t.is(Object.getPrototypeOf({}), Object.prototype);
});

test('what |= added to is kept line by line, and a plain line replaces it all', (t) => {
	const text = 'net.l = [1]\nnet.l |= [2]\nnet.l |= (3,)\n';
	const kept = (merged: Merged) => merged.bindings[0]?.overrode.map(({ value }) => toJs(value));
	const joined = assembled({ files: { 'main.gin': text } });
	t.deepEqual(values(joined), { 'net.l': [1, 2, 3] });
	t.deepEqual(kept(joined), [[2], [1]]);
	const replaced = assembled({ files: { 'main.gin': `${text}net.l = []\n` } });
	t.deepEqual(values(replaced), { 'net.l': [] });
	t.deepEqual(kept(replaced), [[1, 2, 3], [2], [1]]);
});

test('many lines on one key take time in proportion to their number', (t) => {
	const lines = 30_000;
	const started = performance.now();
	const merged = assembled({ files: { 'main.gin': 'net.l |= [1]\n'.repeat(lines) + 'unset net.m\n'.repeat(lines) } });
	t.is((values(merged)['net.l'] as unknown[]).length, lines);
	t.is(merged.problems.length, lines);
	t.true(performance.now() - started < 15_000);
});

test('a choice of a group that no file names says so, with the groups there are', (t) => {
	const files = { ...zoo, 'main.gin': "use model = 'vae'\n" };
	const [problem, ...rest] = assembled({ files, uses: { modell: 'vae' }, searchPath: ['configs'] }).problems;
	t.deepEqual(rest, []);
	t.regex(problem!.text, /No line of the files says "use modell": they use model, optimizer\. Did you mean "model"\?/);
	const other = assembled({ files, uses: { model: 'nope' }, searchPath: ['configs'] }).problems;
	t.false(other.some(({ text }) => text.includes('No line of the files')));
});

test('a choice from a variable that is not set is one problem', (t) => {
	const files = { 'main.gin': "use model = env('NOWHERE')\n" };
	t.deepEqual(codes(assembled({ files })), ['config.env_unset']);
});

test('the lines of what is included and is no config are not shown (security N7)', (t) => {
	const secret = 'swordfish';
	for (const [name, text] of [
		['.env', `API_TOKEN=${secret}\n`],
		['passwd', `root:x:0:0:${secret}\nbin:x:1:1\n`],
		['linked.gin', `root:x:0:0:${secret}\nbin:x:1:1\nsys:x:2:2\n`],
		['fine.txt', `net.width = 3\nnet.height = = '${secret}'\n`],
	] as const) {
		const merged = assembled({ files: { 'main.gin': `net.width = 1\ninclude '${name}'\n`, [name]: text } });
		t.deepEqual(codes(merged), ['config.no_config'], name);
		t.false(merged.problems[0]!.text.includes(secret), name);
		t.regex(merged.problems[0]!.text, /is no config: its line \d/u);
		t.deepEqual(values(merged), { 'net.width': 1 });
	}
	// A config with a mistake is shown as ever.
	const merged = assembled({ files: { 'main.gin': "include 'part.gin'\n", 'part.gin': 'net.width = = 3\n' } });
	t.regex(merged.problems[0]!.text, /net\.width = = 3/u);
});

test('a later line wins, whatever each spelling of the macro, the singleton or the parameter is', (t) => {
	const text = [
		'r/macro.value = 1',
		'r = 2',
		'a/gin.macro.value = 1',
		'net.x = 1',
		'k/singleton.constructor = @net',
		'k/gin.singleton.constructor = @train',
		'train.resume = 1',
		'train.reload = 2',
	].join('\n');
	const merged = assembled({ files: { 'main.gin': text }, bindings: ['a = 2', 'unset gin.macro.value'] });
	t.deepEqual(macros(merged), { r: 2, a: 2 });
	t.deepEqual(values(merged), {
		'net.x': 1,
		'k/gin.singleton.constructor': '<reference>',
		'train.resume': 2,
	});
	t.deepEqual(codes(merged), ['config.unset_unbound']);
	t.deepEqual(
		merged.macros.map(({ overrode }) => overrode.length),
		[1, 1],
	);
});

test('|= and unset reach a cell by any spelling', (t) => {
	const text = 'm = [1]\nm/macro.value |= [2]\nn = 1\nunset n/gin.macro.value\nnet.l = [1]\nnet.l |= [2]\n';
	const merged = assembled({ files: { 'main.gin': text } });
	t.deepEqual(macros(merged), { m: [1, 2] });
	t.deepEqual(values(merged), { 'net.l': [1, 2] });
	t.deepEqual(codes(merged), []);
});

test('|= works onto a macro and with one, wherever the macro is defined', (t) => {
	const text =
		'net.l = %m\nnet.l |= [3]\nnet.k = [0]\nnet.k |= %m\nnet.c |= %calls\ncalls = [@train(), @s/train(), @train]\nm = %n\nn = [1, 2]\n';
	const merged = assembled({ files: { 'main.gin': text } });
	const printed = Object.fromEntries(merged.bindings.map(({ parameter, value }) => [parameter, reprValue(value)]));
	t.deepEqual(printed, { l: '[1, 2, 3]', k: '[0, 1, 2]', c: '[@calls/train(), @s/train(), @train]' });
	t.deepEqual(codes(merged), []);
	const wrong = assembled({ files: { 'main.gin': 'net.l = [1]\nnet.l |= %m\nm = 2\nnet.k |= %m\nnet.j |= %none\n' } });
	t.deepEqual(codes(wrong), ['config.join_type', 'config.join_type']);
	t.deepEqual(codes(assembled({ files: { 'main.gin': 'm = [1]\nm |= %m\n' } })), []);
});

test('a line that a later line of the same file takes the place of is noted', (t) => {
	const files = {
		'main.gin': "net.a = 1\ninclude 'part.gin'\nnet.a = 2\nm = 1\nm/macro.value = 2\nnet.l = [1]\nnet.l |= [2]\n",
		'part.gin': 'net.b = 1\n',
	};
	const merged = assembled({ files, bindings: ['net.b = 1 # net.b = 2'] });
	t.deepEqual(
		merged.dead.map(({ name, key, later }) => [
			name,
			positionOf(key.source, key.start).line,
			later && positionOf(later.source, later.start).line,
		]),
		[
			['net.a', 1, 3],
			['m', 4, 5],
		],
	);
	t.deepEqual(assembled({ files, roots: ['part.gin', 'part.gin'] }).dead, []);
	t.deepEqual(
		assembled({ files: { 'main.gin': 'net.a |= []\nnet.b = {}\nnet.b |= {}\nnet.b |= {1: 2}\n' } }).dead.map(
			({ name }) => name,
		),
		['net.a', 'net.b'],
	);
});

test('files that include one another twice are read once, and the last lines win', (t) => {
	const count = 20;
	const files = Object.fromEntries(
		Array.from({ length: count }, (_, n): [string, string] => [
			`${n}.gin`,
			`net.x${n} = 'first'\n${n + 1 < count ? `include '${n + 1}.gin'\n`.repeat(2) : ''}net.last = ${n}\nnet.x${n} = 'last'\n`,
		]),
	);
	const merged = assembled({ files, roots: ['0.gin'] });
	t.is(merged.files.length, count);
	t.is(values(merged)['net.last'], 0);
	t.is(values(merged)['net.x19'], 'last');
	t.deepEqual(codes(merged), []);
	// What adds to another line is done as often as it is said.
	const adding = {
		'a.gin': "include 'b.gin'\ninclude 'b.gin'\n",
		'b.gin': "include 'c.gin'\ninclude 'c.gin'\n",
		'c.gin': 'net.l |= [1]\n',
	};
	t.deepEqual(values(assembled({ files: adding, roots: ['a.gin'] })), { 'net.l': [1, 1, 1, 1] });
});

test('a chain of thousands of files is a mistake with a place', (t) => {
	const files = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`${n}.gin`, `include '${n + 1}.gin'\n`]));
	const { problems } = assembled({ files, roots: ['0.gin'] });
	t.deepEqual(
		problems.map(({ code, span }) => [code, span?.source.name]),
		[['config.include_depth', '99.gin']],
	);
});

test('a choice that is made in a file below is found beside the config that the user names', (t) => {
	const files = {
		'conf/main.gin': "include 'parts/net.gin'\n",
		'conf/parts/net.gin': "use size = 'small'\n",
		'conf/size/small.gin': 'net.width = 1\n',
	};
	t.deepEqual(values(assembled({ files, roots: ['conf/main.gin'] })), { 'net.width': 1 });
});

test('a name that begins with a dot means the folder of the file, not the search path', (t) => {
	const files = {
		'conf/main.gin': "include './a.gin'\ninclude '../b.gin'\n",
		'conf/a.gin': '',
		'b.gin': '',
		'lib/c.gin': '',
	};
	t.deepEqual(codes(assembled({ files, roots: ['conf/main.gin'], searchPath: ['lib'] })), []);
	const away = { 'conf/main.gin': "include './c.gin'\n", 'lib/c.gin': '' };
	t.deepEqual(codes(assembled({ files: away, roots: ['conf/main.gin'], searchPath: ['lib'] })), [
		'config.include_missing',
	]);
});
