import { createHash } from 'node:crypto';
import {
	appendFileSync,
	cpSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { evaluate } from '../../../src/commands/evaluate.ts';
import { type Program, run } from '../../../src/commands/main.ts';
import { runs } from '../../../src/commands/runs.ts';
import { train } from '../../../src/commands/train.ts';

const fixture = fileURLToPath(new URL('../../fixtures/run-v1', import.meta.url));
const made: string[] = [];
test.after.always(() => made.forEach((folder) => void rmSync(folder, { recursive: true, force: true })));

type Json = Record<string, Record<string, unknown>>;

for (const [what, change, says] of [
	['a step that is a text', (state: Json) => (state['loop']!['step'] = 'abc'), /state\.json: loop\.step: .*number/u],
	['no random streams', (state: Json) => delete state['streams'], /state\.json: streams: /u],
	[
		'no stream of the model',
		(state: Json) => delete state['streams']!['init'],
		/state\.json: .*init are missing in "streams"/u,
	],
	[
		'a torn stream',
		(state: Json) => (state['streams']!['dropout'] = { words: [1], spare: null }),
		/streams\.dropout\.words/u,
	],
	[
		'a layout of later',
		(state: Json) => Object.assign(state, { schema: 'gimlet.checkpoint/7' }),
		/reads up to gimlet\.checkpoint\/1/u,
	],
	[
		'rows that are no number',
		(state: Json) => (callback(state, 'csv_logger')['stepRows'] = '3'),
		/csv_logger\.state\.stepRows/u,
	],
	[
		'a period that is none',
		(state: Json) => (callback(state, 'model_checkpoint')['due'] = 7),
		/state of model_checkpoint has due = 7/u,
	],
] as const) {
	test.serial(
		`a checkpoint whose checksums hold and whose state has ${what} is refused by file and field`,
		async (t) => {
			const folder = copy();
			changeState(folder, change);
			const { code, err } = await outcome(evaluate, [folder]);
			t.is(code, 3, err);
			t.regex(err, says);
			t.regex(err, /checkpoints\/best\/state\.json/u);
			if (!/init|due/u.test(String(says))) {
				t.regex((await outcome(runs, ['verify', folder])).out, says);
			}
		},
	);
}

for (const file of ['status', 'meta', 'operative', 'identity', 'data', 'git', 'model', 'summary']) {
	test.serial(`security L5: ${file}.json of a later version is refused, and nothing is touched`, async (t) => {
		const folder = copy();
		const path = join(folder, `${file}.json`);
		writeFileSync(path, readFileSync(path, 'utf8').replace(/"gimlet\.(\w+)\/1"/u, '"gimlet.$1/2"'));
		const before = treeHash(folder);
		for (const [program, args] of [
			[train, [folder, join(folder, 'config.gin'), '-b', 'training_loop.n_epochs=9']],
			[evaluate, [folder]],
		] as const) {
			const { code, err } = await outcome(program, args);
			t.is(code, 3, err);
			t.regex(err, new RegExp(`${file}\\.json has the layout gimlet\\.\\w+/2; .* reads up to`, 'u'));
		}
		t.is(treeHash(folder), before);
	});
}

test('security N8: verify notices a config and operative values that were edited, of runs that record them', async (t) => {
	for (const name of ['config.gin', 'operative.json']) {
		const folder = copy();
		const identity = JSON.parse(readFileSync(join(folder, 'identity.json'), 'utf8'));
		identity.records = {
			[name]: createHash('sha256')
				.update(readFileSync(join(folder, name)))
				.digest('hex'),
		};
		writeFileSync(join(folder, 'identity.json'), JSON.stringify(identity));
		t.like(await outcome(runs, ['verify', folder]), { code: 0, out: '' });
		appendFileSync(join(folder, name), '\n');
		const { code, out } = await outcome(runs, ['verify', folder]);
		t.is(code, 1);
		t.true(out.includes(`${name} has changed since it was written`), out);
	}
});

function copy(): string {
	const folder = join(mkdtempSync(join(tmpdir(), 'gimlet-records-')), 'run');
	made.push(folder);
	cpSync(fixture, folder, { recursive: true, verbatimSymlinks: true });
	return folder;
}

function callback(state: Json, name: string): Record<string, unknown> {
	return (state['callbacks']![name] as Json)['state']!;
}

// With checksums that fit, as whoever changes it would make them.
function changeState(folder: string, change: (state: Json) => void): void {
	const checkpoints = join(folder, 'checkpoints');
	for (const name of readdirSync(checkpoints).filter((one) => one.startsWith('step-'))) {
		const [path, sumsPath] = [join(checkpoints, name, 'state.json'), join(checkpoints, name, 'checksums.json')];
		const state = JSON.parse(readFileSync(path, 'utf8')) as Json;
		change(state);
		writeFileSync(path, JSON.stringify(state));
		const sums = JSON.parse(readFileSync(sumsPath, 'utf8'));
		const content = readFileSync(path);
		sums.files['state.json'] = { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
		writeFileSync(sumsPath, JSON.stringify(sums));
	}
}

async function outcome(program: Program, args: readonly string[]) {
	let [out, err] = ['', ''];
	const code = await run(program, args, {
		stdout: { write: (text: string | Uint8Array) => (out += text) },
		stderr: { write: (text: string | Uint8Array) => (err += text) },
		exitCode: 0,
	});
	return { code, out, err };
}

function treeHash(folder: string): string {
	const hash = createHash('sha256');
	for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
		const stats = statSync(join(folder, name));
		hash.update(`${name} ${stats.mtimeMs} ${stats.isFile() ? readFileSync(join(folder, name), 'latin1') : ''}\n`);
	}
	return hash.digest('hex');
}
