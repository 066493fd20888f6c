import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import test from 'ava';
import { evaluate } from '../../src/commands/evaluate.ts';
import { run } from '../../src/commands/main.ts';
import { verifyRun } from '../../src/run/verify.ts';
import { json, root, scratch } from './programs.ts';

const place = scratch();
test.after.always(() => place.remove());

const plugin = join(root, 'test/fixtures/plugins/points.ts');
const config = place.write(
	'configs/points.gin',
	`import '${plugin}'
train.model = 'mlp'
train.dataset = 'points'
points.file = '../data/points.csv'
mlp.units = [4]
training_loop.n_epochs = 2
`,
);
const row = (at: number) => `${Math.sin(at).toFixed(4)},${Math.cos(at).toFixed(4)},${at % 2}`;
const data = place.write('data/points.csv', `${Array.from({ length: 60 }, (_, at) => row(at)).join('\n')}\n`);
const moved = place.at('elsewhere.csv');

async function evaluateHere(...args: string[]): Promise<{ readonly code: number; readonly err: string }> {
	let err = '';
	const sink = () =>
		new Writable({
			write(chunk, _encoding, done) {
				err += String(chunk);
				done();
			},
		});
	const code = await run(evaluate, [place.at('run'), '--plugin', plugin, ...args], {
		stdout: sink() as NodeJS.WriteStream,
		stderr: sink() as NodeJS.WriteStream,
		exitCode: 0,
	});
	return { code, err };
}

test.serial('own data are found beside the config, moved data where -b says, changed data are refused', async (t) => {
	const trained = await place.run('train', 'run', config);
	t.is(trained.code, 0, trained.err);
	const recorded = json(place.at('run'), 'data.json')['splits'] as Record<string, Record<string, string>>;
	t.regex(recorded['test']!['content_sha256']!, /^[0-9a-f]{64}$/u);
	t.deepEqual(verifyRun(place.at('run')).problems, []);

	renameSync(data, moved);
	t.is((await evaluateHere()).code, 4);
	const there = ['-b', `points.file = '${moved}'`];
	const found = await evaluateHere(...there);
	t.is(found.code, 0, found.err);
	t.deepEqual(readdirSync(place.at('run/eval')), ['test@best.json'], 'the same data');
	t.regex((await evaluateHere('-b', 'digits.train_limit = 3')).err, /digits\.train_limit has no effect/u);
	t.is(
		(await evaluateHere('--data-dir', place.at('nowhere'), ...there)).code,
		0,
		'of a data set without files of its own',
	);

	// An example of the test split.
	writeFileSync(moved, readFileSync(moved, 'utf8').replace(row(55), row(57)));
	const other = await evaluateHere(...there);
	t.is(other.code, 3);
	t.regex(other.err, /data\.splits\.test\.content_sha256: .*--allow-data-change/su);
	t.is((await evaluateHere(...there, '--split', 'valid')).code, 0, 'validation is what it was');
	t.is((await evaluateHere(...there, '--allow-data-change')).code, 0);
	t.is(readdirSync(place.at('run/eval')).filter((name) => name.startsWith('test@best~')).length, 1);

	const more = ['-b', `training_loop.n_epochs = 3 # points.file = '${moved}'`];
	const resumed = await place.run('train', 'run', config, ...more);
	t.is(resumed.code, 3);
	t.regex(resumed.err, /data\.splits\.test\.content_sha256/u);
	t.true(existsSync(place.at('run/FINISHED')));
	writeFileSync(moved, readFileSync(moved, 'utf8').replace(row(57), row(55)));
	t.is((await place.run('train', 'run', config, ...more)).code, 0, 'another place, and the same data');
});
