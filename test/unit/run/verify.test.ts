import {
	appendFileSync,
	cpSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { CheckpointStore } from '../../../src/run/checkpoint-store.ts';
import { verifyRun } from '../../../src/run/verify.ts';

const fixture = fileURLToPath(new URL('../../fixtures/run-v1', import.meta.url));

function copy(): string {
	const run = join(mkdtempSync(join(tmpdir(), 'gimlet-verify-')), 'run');
	cpSync(fixture, run, { recursive: true, verbatimSymlinks: true });
	return run;
}

function damaged(change: (run: string) => void): string {
	const run = copy();
	change(run);
	return verifyRun(run).problems.join('\n');
}

function replace(run: string, name: string, from: RegExp, to: string): void {
	const text = readFileSync(join(run, name), 'utf8');
	writeFileSync(join(run, name), text.replace(from, to));
}

test('a whole run has no problem', (t) => {
	const { problems, notes, files } = verifyRun(copy());
	t.deepEqual([problems, notes], [[], []]);
	t.true(files > 12);
});

test('every damage is found and named', (t) => {
	const events = readdirSync(join(fixture, 'tb'))[0]!;
	const cases: ReadonlyArray<readonly [(run: string) => void, RegExp]> = [
		[
			(run) => appendFileSync(join(run, 'checkpoints/last/weights.safetensors'), 'x'),
			/weights\.safetensors has \d+ bytes/u,
		],
		[(run) => rmSync(join(run, 'checkpoints/last/state.json')), /state\.json cannot be read: there is no such file/u],
		[
			(run) => replace(run, 'summary.json', /summary\/1/u, 'summary/9'),
			/summary\.json has the layout gimlet\.summary\/9; this version of gimlet reads up to gimlet\.summary\/1/u,
		],
		[(run) => replace(run, 'summary.json', /"epochs": 2/u, '"epochs": -2'), /summary\.json: epochs/u],
		[(run) => truncateSync(join(run, 'data.json'), 40), /data\.json is no JSON/u],
		[(run) => appendFileSync(join(run, 'configs/configs/mlp.gin'), '\n'), /mlp\.gin has changed/u],
		[(run) => appendFileSync(join(run, 'git.patch'), 'x'), /git\.patch has \d+ bytes/u],
		[
			(run) => appendFileSync(join(run, 'history.csv'), '1,2\n'),
			/history\.csv: row 3 has 2 fields; the header has 11/u,
		],
		[(run) => replace(run, 'history.csv', /\n1,[^\n]*\n/u, '\n'), /history\.csv holds 1 whole rows/u],
		[(run) => replace(run, 'history.csv', /\n1,/u, '\n7,'), /row 2 is of epoch 7; 1 is expected/u],
		[(run) => appendFileSync(join(run, 'tb', events), 'xx'), /is damaged or torn after/u],
		[(run) => truncateSync(join(run, 'tb', events), 50), /relies on/u],
		[(run) => replace(run, 'status.json', /finished/u, 'running'), /FINISHED is there/u],
		[(run) => rmSync(join(run, 'status.json')), /status\.json is missing/u],
		...['stdout.txt', 'config.gin', 'model.txt', 'command.sh', 'FINISHED', 'tb', 'eval', 'configs'].map(
			(name) =>
				[
					(run: string) => {
						rmSync(join(run, name), { recursive: true });
						symlinkSync('/etc', join(run, name));
					},
					new RegExp(`${name.replace('.', '\\.')} is (?:a link|not inside)`, 'u'),
				] as const,
		),
		[
			(run) => symlinkSync('/dev/zero', join(run, 'configs/more.ts')),
			/configs\/more\.ts is a link; it must be a regular/u,
		],
		[(run) => void mkdirSync(join(run, 'run.lock')), /run\.lock is a folder/u],
	];
	for (const [change, expected] of cases) {
		t.regex(damaged(change), expected);
	}
});

test('a checkpoint cut off anywhere is never taken for whole; the one before it is', (t) => {
	const run = copy();
	const folder = join(run, 'checkpoints');
	const state = readFileSync(join(folder, 'last', 'weights.safetensors'));
	for (let i = 0; i < 100; i += 1) {
		const length = Math.floor((i * state.length) / 100);
		writeFileSync(join(folder, 'step-00000006', 'weights.safetensors'), state.subarray(0, length));
		const found = new CheckpointStore(folder).newestGood();
		t.is(found?.name, 'step-00000003');
		t.is(found?.damaged.length, 1);
	}
	writeFileSync(join(folder, 'step-00000006', 'weights.safetensors'), state);
	t.is(new CheckpointStore(folder).newestGood()?.name, 'step-00000006');
});

test('what a kill leaves is a note, not a problem', (t) => {
	const run = copy();
	rmSync(join(run, 'FINISHED'));
	replace(run, 'status.json', /finished/u, 'running');
	appendFileSync(join(run, 'history.csv'), '2,9');
	writeFileSync(join(run, '.meta.json.999999999.01234567.tmp'), '{');
	const { problems, notes } = verifyRun(run);
	t.deepEqual(problems, []);
	t.is(notes.length, 2);
});
