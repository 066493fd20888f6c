/**
 * Proves that a fresh clone installs, and trains, whatever there is for a C compiler:
 * `npm run prove:install -- [--only WORDS] [20 22 24]`, versions of Node from the npm package `node`.
 *
 * The first version gets every case, the others those that a version of Node could change. The clone is of the committed
 * state. Prints a line per case and ends with `N passed, N failed`.
 */
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { pathOf, survivors, type World } from './compiler-worlds.ts';
import { conclude, freshClone, pathWithNode, withFolder } from './fresh-clone.ts';

interface Case {
	readonly name: string;
	readonly world: World;
	/** Where training is to run, and how many lines of notice the installation prints. */
	readonly tier: 'native' | 'wasm';
	readonly notices?: number;
	readonly flags?: readonly string[];
	/** The name of the folder of the clone. */
	readonly place?: string;
	readonly everyVersion?: boolean;
	/** Without a network interface: everything from npm's cache, which the cases before have filled. */
	readonly alone?: boolean;
	/** Trains as somebody who may write nothing in the checkout. */
	readonly readOnly?: boolean;
}

const cases: readonly Case[] = [
	{ name: 'no compiler', world: 'none', tier: 'wasm', everyVersion: true },
	{ name: 'a compiler that fails', world: 'failing', tier: 'wasm', everyVersion: true },
	{ name: 'a compiler that never answers', world: 'hanging', tier: 'wasm' },
	{ name: 'a compiler that never ends', world: 'hanging at work', tier: 'wasm' },
	{ name: '--ignore-scripts', world: 'gcc', tier: 'wasm', notices: 0, flags: ['--ignore-scripts'], everyVersion: true },
	{ name: 'gcc', world: 'gcc', tier: 'native', everyVersion: true },
	{ name: 'clang', world: 'clang', tier: 'native' },
	{ name: 'a path with spaces', world: 'gcc', tier: 'native', place: "a folder, with 'quotes'" },
	{ name: 'a checkout that is read-only', world: 'gcc', tier: 'native', readOnly: true },
	{ name: 'no network', world: 'gcc', tier: 'native', flags: ['--offline'], alone: true },
];

/** For the whole native build; and what npm may need on a busy machine besides. */
const buildLimit = 60;
const nobody = 65534;

const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true });
const versions = positionals.length > 0 ? positionals : ['20', '22', '24'];
const tally = { passed: 0, failed: 0 };

for (const [index, version] of versions.entries()) {
	await withFolder('install', async (folder) => {
		const node = await pathWithNode(version, join(folder, 'node'), '');
		for (const one of cases) {
			if ((index === 0 || one.everyVersion === true) && (values.only === undefined || one.name.includes(values.only))) {
				await report(`node ${version}, ${one.name}`, one, node);
			}
		}
	});
}
conclude(tally.passed, tally.failed);

async function report(title: string, one: Case, node: string): Promise<void> {
	const missing = await whyNot(one);
	if (missing !== undefined) {
		console.log(`ok - ${title} # SKIP ${missing}`);
		return;
	}
	try {
		console.log(`ok - ${title}: ${await withFolder('install', (folder) => prove(one, node, folder))}`);
		tally.passed += 1;
	} catch (error) {
		tally.failed += 1;
		console.log(`not ok - ${title}: ${(error as Error).message}`);
	}
}

async function whyNot(one: Case): Promise<string | undefined> {
	const works = async (command: string, ...words: string[]) => !(await execa(command, words, { reject: false })).failed;
	if (one.tier === 'native' && !(await works(one.world, '--version'))) {
		return `no ${one.world} here`;
	}
	if (one.alone === true && !(await works('unshare', '-rn', 'true'))) {
		return 'no namespaces here';
	}
	return one.readOnly === true && process.getuid?.() !== 0 ? 'only root can act as somebody else' : undefined;
}

async function prove(one: Case, node: string, folder: string): Promise<string> {
	const tools = join(folder, 'tools');
	const env = environment(`${node}${pathOf(one.world, tools)}`);
	const clone = join(folder, one.place ?? 'gimlet');
	await freshClone(clone);
	const started = Date.now();
	const command = ['npm', 'ci', '--no-audit', '--no-fund', ...(one.flags ?? [])];
	const [program, ...words] = one.alone === true ? ['unshare', '-rn', ...command] : command;
	const { stderr } = await execa(program!, words, { cwd: clone, env, extendEnv: false });
	const seconds = (Date.now() - started) / 1000;
	const notices = stderr.split('\n').filter((line) => line.startsWith('gimlet:'));
	check(notices.length === (one.notices ?? 1), `not ${one.notices ?? 1} line of notice:\n${stderr}`);
	// They have been killed; the system may take a moment to say so.
	await sleep(1000);
	const left = survivors(tools);
	check(left.length === 0, `processes ${left} are still there`);
	const built = Number(/built with .* in ([\d.]+) s/u.exec(stderr)?.[1] ?? 0);
	check(built <= buildLimit, `the build took ${built} s`);
	const tier = await train(one, clone, folder, env);
	check(tier === one.tier, `trained on ${tier}, not on ${one.tier}`);
	return `installed in ${seconds.toFixed(0)} s, trained on ${tier}${notices.map((line) => `; ${line}`).join('')}`;
}

async function train(one: Case, clone: string, folder: string, env: Record<string, string>): Promise<string> {
	const run = join(folder, 'run');
	const words = [run, join(clone, 'configs', 'mlp.gin'), '-b', 'training_loop.n_epochs = 1'];
	const options = { cwd: folder, env, extendEnv: false };
	if (one.readOnly === true) {
		// What a fresh user has: a home and a temporary folder of their own, and no more.
		chmodSync(folder, 0o777);
		const home = join(folder, 'home');
		mkdirSync(home, { mode: 0o777 });
		chmodSync(home, 0o777);
		await execa('chmod', ['-R', 'a-w,a+rX', clone, join(folder, 'tools')]);
		const own = { ...env, HOME: home, TMPDIR: home };
		// Node's own folder, which is a temporary one too.
		await execa('chmod', ['a+rx', join(env['PATH']!.split(':')[0]!, '..', '..', '..', '..')]);
		await execa(join(clone, 'bin', 'train.ts'), words, { ...options, env: own, uid: nobody, gid: nobody });
		await execa('chmod', ['-R', 'u+w', clone]);
	} else {
		await execa(join(clone, 'bin', 'train.ts'), words, options);
	}
	return JSON.parse(readFileSync(join(run, 'meta.json'), 'utf8')).device.tier;
}

// Without what npm tells the programs that it starts, this one among them.
function environment(PATH: string): Record<string, string> {
	const kept = Object.entries(process.env).filter(
		([name]) => !/^(?:npm_(?!config_(?:cache|registry)$)|INIT_CWD$|NODE$|CC$)/u.test(name),
	);
	return { ...(Object.fromEntries(kept) as Record<string, string>), PATH };
}

function check(holds: boolean, message: string): void {
	if (!holds) {
		throw new Error(message);
	}
}
