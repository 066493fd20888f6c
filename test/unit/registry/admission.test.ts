import { createHash } from 'node:crypto';
import {
	chmodSync,
	cpSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	realpathSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { execaSync } from 'execa';
import { diffSides } from '../../../src/commands/config/diff.ts';
import { assertSound } from '../../../src/registry/check.ts';
import { Configuration } from '../../../src/registry/configuration.ts';
import { addTrusted, removeTrusted, trustedListPath, trustedPaths } from '../../../src/registry/trusted-list.ts';
import { UntrustedCodeError } from '../../../src/registry/untrusted-code.ts';
import { zoo } from './zoo.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gimlet-trust-')));
process.env['XDG_CONFIG_HOME'] = join(folder, 'config');
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: string[]) => join(folder, ...names);

function write(name: string, content: string): string {
	mkdirSync(dirname(at(name)), { recursive: true });
	writeFileSync(at(name), content);
	return at(name);
}

const ran: string[] = [];
(globalThis as Record<string, unknown>)['ranInTrustTest'] = ran;

/** A component file that leaves a mark where it is run, and imports `imports`. */
function code(name: string, mark: string, ...imports: string[]): string {
	const lines = imports.map((path) => `import '${path}';\n`).join('');
	return write(
		name,
		`${lines}(globalThis as unknown as { ranInTrustTest: string[] }).ranInTrustTest.push('${mark}');\n`,
	);
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** A run folder whose config has these lines, and which was made with these plug-ins: itself first, what it imports after. */
function run(name: string, config: string, plugins: readonly (readonly string[])[] = []): string {
	write(`${name}/status.json`, '{}');
	write(`${name}/config.gin`, config);
	const sources = plugins.flatMap((files) =>
		files.map((path) => {
			const file = path.slice(folder.length + 1);
			mkdirSync(dirname(at(name, 'configs', file)), { recursive: true });
			cpSync(path, at(name, 'configs', file));
			return { file, original: path, sha256: sha256(path), bytes: readFileSync(path).length, plugins: [files[0]] };
		}),
	);
	write(`${name}/configs/manifest.json`, JSON.stringify({ schema: 'gimlet.sources/1', sources }));
	return at(name);
}

/** What is run when a config is opened, and the error, if there is one. */
async function open(
	files: readonly string[],
	options: object = {},
): Promise<{ ran: string[]; error: Error | undefined }> {
	ran.length = 0;
	try {
		const config = await Configuration.fromFiles(files, { registry: zoo(), project: folder, ...options });
		assertSound(config.merged);
		return { ran: [...ran], error: undefined };
	} catch (error) {
		return { ran: [...ran], error: error as Error };
	}
}

test.serial(
	'what a run folder imports, beside it, above it, inside it or anywhere, is not run (security N1, N5, T1)',
	async (t) => {
		const evil = code('evil.ts', 'evil');
		code('hostile/inside.ts', 'inside');
		symlinkSync(evil, at('link.ts'));
		for (const module of ['../evil.ts', './inside.ts', evil, '../link.ts', '../hostile/../evil.ts']) {
			const { error, ran: marks } = await open([join(run('hostile', `import '${module}'\n`), 'config.gin')]);
			t.true(error instanceof UntrustedCodeError, module);
			t.deepEqual(marks, [], module);
		}
		symlinkSync(at('hostile/config.gin'), at('innocent.gin'));
		write('mine/includes.gin', "include '../hostile/config.gin'\n");
		for (const file of ['innocent.gin', 'mine/includes.gin', 'hostile/config.gin']) {
			t.true((await open([file])).error instanceof UntrustedCodeError, file);
		}
		// The same line in a config of the user's own is the user's own act.
		write('own.gin', "import './evil.ts'\n");
		t.deepEqual((await open(['own.gin'])).ran, ['evil']);
	},
);

test.serial('a folder that is compared is a run folder, though little of it is left (security N1)', async (t) => {
	code('evil.ts', 'evil');
	write('bare/config.gin', "import '../evil.ts'\n");
	const options = { binding: [], use: new Map(), plugin: [] };
	ran.length = 0;
	const comparing = diffSides(at('bare'), at('bare'), options, { stdout: process.stdout });
	await t.throwsAsync(comparing, { instanceOf: UntrustedCodeError });
	t.deepEqual(ran, []);
});

test.serial(
	'what --plugin names is run, the copy in the run folder too; the message says that command (security N2, T1)',
	async (t) => {
		const base = code('lib/base.ts', 'base');
		const own = code('mine/own.ts', 'own', '../lib/base.ts');
		const folderOfRun = run('given', `import '${own}'\n`, [[own, base]]);
		const copy = at('given/configs/mine/own.ts');
		const { error } = await open(['given/config.gin']);
		t.true(
			(error as UntrustedCodeError)
				.shown(['bin/evaluate.ts', 'a b'])
				.join('\n')
				.includes(`bin/evaluate.ts 'a b' --plugin ${copy}`),
		);
		t.deepEqual((await open(['given/config.gin'], { plugins: [copy] })).ran, ['base', 'own']);
		rmSync(at('mine/own.ts'));
		t.deepEqual((await open(['given/config.gin'], { plugins: [copy] })).error, undefined);
		t.true((await open([join(folderOfRun, 'config.gin')])).error instanceof UntrustedCodeError);
	},
);

test.serial(
	'a trusted file is run as long as it, and what it imports, is what the run was made with (security T2, T3)',
	async (t) => {
		const base = code('kept/base.ts', 'kept base');
		const own = code('kept/own.ts', 'kept', './base.ts');
		symlinkSync(own, at('kept/other-name.ts'));
		run('made', `import '${at('kept/other-name.ts')}'\n`, [[own, base]]);
		write('made/gimlet/trusted.json', JSON.stringify({ schema: 'gimlet.trusted/1', paths: [own] }));
		t.true(
			(await open(['made/config.gin'])).error instanceof UntrustedCodeError,
			'the list is the user’s, not the run’s',
		);
		t.is(addTrusted(at('kept/other-name.ts')), own);
		t.deepEqual(trustedPaths(), [own]);
		t.deepEqual((await open(['made/config.gin'])).ran, ['kept base', 'kept']);
		writeFileSync(base, `${readFileSync(base, 'utf8')}// changed\n`);
		const { error } = await open(['made/config.gin']);
		t.true(error instanceof UntrustedCodeError);
		t.regex(error!.message, /base\.ts has changed/u);
		t.is(removeTrusted(own), own);
		t.deepEqual(trustedPaths(), []);
	},
);

test.serial('a trusted file of which the run folder records nothing is not run', async (t) => {
	const own = code('lone/own.ts', 'lone');
	addTrusted(own);
	run('silent', `import '${own}'\n`);
	const { error, ran: marks } = await open(['silent/config.gin']);
	t.true(error instanceof UntrustedCodeError);
	t.deepEqual(marks, []);
	// Runs made before copies were kept record the file's own checksum among those of the code.
	write('silent/identity.json', JSON.stringify({ code: { files: { 'own.ts': sha256(own) } } }));
	t.deepEqual((await open(['silent/config.gin'])).ran, ['lone']);
	removeTrusted(own);
});

test.serial(
	'a given file that has changed since the run is said, and run only where that is allowed (security T6)',
	async (t) => {
		const base = code('new/base.ts', 'new base');
		const own = code('new/own.ts', 'new', './base.ts');
		run('old', `import '${own}'\n`, [[own, base]]);
		writeFileSync(base, `${readFileSync(base, 'utf8')}// changed\n`);
		const { error, ran: marks } = await open(['old/config.gin'], { plugins: [own] });
		t.like(error, { code: 'run.other_code', exitCode: 3 });
		t.regex(error!.message, /base\.ts has changed/u);
		t.deepEqual(marks, []);
		t.deepEqual((await open(['old/config.gin'], { plugins: [own], allowCodeChange: true })).ran, ['new base', 'new']);
	},
);

test.serial('a module that a run folder imports is not run either', async (t) => {
	code('evilmodule.ts', 'evil');
	code('hostile/inner.ts', 'inner');
	for (const line of ['import evilmodule', 'from evilmodule import x as y', 'import inner']) {
		const { error, ran: marks } = await open([join(run('hostile', `${line}\n`), 'config.gin')]);
		t.truthy(error, line);
		t.deepEqual(marks, [], line);
	}
	const plugins = [at('evilmodule.ts')];
	t.deepEqual((await open([join(run('mine', 'import evilmodule\n'), 'config.gin')], { plugins })).ran, ['evil']);
});

test.serial('two plug-ins of one name are told apart', async (t) => {
	const [one, two] = [code('one/same.ts', 'one'), code('two/same.ts', 'two')];
	run('twins', `import '${one}'\nimport '${two}'\n`, [[one], [two]]);
	const plugins = [at('twins/configs/one/same.ts'), at('twins/configs/two/same.ts')];
	t.deepEqual((await open(['twins/config.gin'], { plugins })).ran, ['one', 'two']);
});

test.serial(
	'a list that others may write, a folder, and a file in a run folder are not trusted (security T4, T5)',
	(t) => {
		const own = code('list/own.ts', 'list');
		addTrusted(own);
		for (const path of [trustedListPath(), dirname(trustedListPath())]) {
			chmodSync(path, 0o777);
			t.throws(trustedPaths, { message: /can be changed by other users/u });
			chmodSync(path, 0o700);
		}
		t.deepEqual(trustedPaths(), [own]);
		t.throws(() => addTrusted(at('list')), { message: /is no file/u });
		code('hostile/inside.ts', 'inside');
		t.throws(() => addTrusted(at('hostile/inside.ts')), { message: /lies in the run folder/u });
		rmSync(own);
		t.is(removeTrusted(own), own);
	},
);

test.serial(
	'a config in a run folder includes nothing from elsewhere, and no pipe or device is read (security N4, L1)',
	async (t) => {
		write('secret.gin', "token = 'x'\n");
		run('reader', "include '../secret.gin'\n");
		t.regex((await open(['reader/config.gin'])).error!.message, /a run folder is read by itself/u);
		run('reader', "include 'link.gin'\n");
		symlinkSync(at('secret.gin'), at('reader/link.gin'));
		t.regex((await open(['reader/config.gin'])).error!.message, /a run folder is read by itself/u);
		execaSync('mkfifo', [at('pipe.gin')]);
		for (const path of ['pipe.gin', '/dev/zero']) {
			write('own.gin', `include '${path}'\n`);
			t.regex((await open(['own.gin'])).error!.message, /is no regular file/u);
		}
	},
);
