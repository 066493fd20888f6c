import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { cloneTo, root, scratch } from './programs.ts';

const place = scratch();
const { at } = place;
test.after.always(() => place.remove());

const doors = readdirSync(join(root, 'bin')).sort();
const guard = `--import=${join(root, 'test/fixtures/no-tensors.mjs')}`;

// A shell without anything of e.sh.
const bare = { PATH: process.env['PATH'] ?? '', HOME: place.folder };

for (const door of doors) {
	test.serial(`${door}: executable, from another directory, through a symlink, --help without tensors`, async (t) => {
		t.true((statSync(join(root, 'bin', door)).mode & 0o111) !== 0, 'executable');
		const link = at(`linked-${door}`);
		symlinkSync(join(root, 'bin', door), link);
		const { exitCode, stdout, stderr } = await execa(link, ['--help'], {
			cwd: place.folder,
			env: { ...bare, NODE_OPTIONS: guard },
			extendEnv: false,
			reject: false,
		});
		t.is(exitCode, 0, stderr);
		t.is(stderr, '');
		t.regex(stdout, new RegExp(`^Usage: ${door.replace('.ts', '')} `, 'u'));
		t.regex(stdout, /--help/u);
	});
}

for (const args of [
	['list.ts', 'model'],
	['list.ts', '--json'],
	['config.ts', 'check', join(root, 'configs/cnn.gin')],
	['config.ts', 'show', join(root, 'configs/cnn_full.gin'), '--origins'],
]) {
	test.serial(`${args[0]} ${args[1]} loads no tensor library`, async (t) => {
		const [door, ...rest] = args;
		const { exitCode, stderr } = await execa(join(root, 'bin', door!), rest, {
			cwd: place.folder,
			env: { ...bare, NODE_OPTIONS: guard },
			extendEnv: false,
			reject: false,
		});
		t.is(exitCode, 0, stderr);
	});
}

test.serial('the guard against tensor libraries bites', async (t) => {
	const { exitCode, stderr } = await execa(join(root, 'bin/summary.ts'), [join(root, 'configs/mlp.gin')], {
		env: { ...bare, NODE_OPTIONS: guard },
		extendEnv: false,
		reject: false,
	});
	t.not(exitCode, 0);
	t.regex(stderr, /a tensor library was loaded/u);
});

// An installation that only says that it happened: the real one would replace what other tests are using.
const fakeNpm = `#!/bin/sh
echo "npm $*" >>npm.log
mkdir node_modules
for package in ${root}/node_modules/*; do ln -s "$package" node_modules/; done
touch node_modules/.package-lock.json
mkdir build
touch build/stamp
`;

for (const shell of ['bash', 'zsh', 'dash']) {
	const title = `e.sh in ${shell}: from any directory, through a symlink, twice; installs once, nothing doubled`;
	test.serial(title, async (t) => {
		if ((await execa('sh', ['-c', `command -v ${shell}`], { reject: false })).exitCode !== 0) {
			t.log(`${shell} is not installed here`);
			t.pass();
			return;
		}
		const clone = at(`clone of ${shell}`);
		cloneTo(clone, { installed: false });
		chmodSync(place.write(`${shell}/npm`, fakeNpm), 0o755);
		symlinkSync(join(clone, 'e.sh'), at(shell, 'e.sh'));
		for (const path of [join(clone, 'e.sh'), at(shell, 'e.sh')]) {
			const show = `printf '%s\\n' "$ROOT" "$DATA_DIR" "$RESULTS_DIR" "$DEVICE_NAME" "$PATH"`;
			const { exitCode, stdout, stderr } = await execa(
				shell,
				['-c', `. '${path}' && . '${path}' && ${show} && train.ts --help`],
				{
					cwd: at(shell),
					env: { ...bare, PATH: `${at(shell)}:${bare.PATH}`, DATA_DIR: at('my data') },
					extendEnv: false,
					reject: false,
				},
			);
			t.is(exitCode, 0, stderr);
			t.is(stderr, path.startsWith(clone) ? 'e.sh: installing dependencies (npm ci) …' : '');
			const [found, data, results, device, searched = '', usage] = stdout.split('\n');
			t.is(found, clone);
			t.is(data, at('my data'), 'a variable that was set stays');
			t.is(results, join(clone, 'results'));
			t.is(device, 'default');
			t.is(searched.split(':').filter((folder) => folder === join(clone, 'bin')).length, 1);
			t.regex(usage!, /^Usage: train /u);
		}
		t.is(readFileSync(join(clone, 'npm.log'), 'utf8'), 'npm ci --no-audit --no-fund\n');
	});
}

test.serial('e.sh says what is wrong with an old or absent Node, and leaves the shell alive', async (t) => {
	mkdirSync(at('old'));
	chmodSync(place.write('old/node', '#!/bin/sh\ncase $1 in --version) echo v18.0.0;; *) exit 1;; esac\n'), 0o755);
	const { stdout, stderr } = await execa('bash', ['-c', `. ${join(root, 'e.sh')} || echo "status $?"; echo alive`], {
		cwd: place.folder,
		env: { ...bare, PATH: `${at('old')}:/usr/bin:/bin` },
		extendEnv: false,
		reject: false,
	});
	t.regex(stderr, /needs Node\.js 20\.20 or newer on the PATH \(found: v18\.0\.0\)/u);
	t.is(stdout, 'status 1\nalive');
});

test.serial('a program says what to type where nothing is installed', async (t) => {
	const clone = at("it's a clone");
	cloneTo(clone, { installed: false });
	const { exitCode, stderr } = await execa(join(clone, 'bin/train.ts'), ['--help'], { reject: false });
	t.is(exitCode, 4);
	t.regex(stderr, /not installed yet.*npm ci/u);
	const command = /Run: (cd .*) && npm ci/u.exec(stderr)?.[1];
	t.is((await execa('sh', ['-c', `${command} && pwd`])).stdout, clone);
});

test.serial('an argument that is not UTF-8 is refused, for it would become another name', async (t) => {
	const { exitCode, stderr } = await execa('bash', ['-c', `${join(root, 'bin/list.ts')} $'mod\\xffel'`], {
		reject: false,
	});
	t.is(exitCode, 2, stderr);
	t.regex(stderr, /is not UTF-8/u);
});
