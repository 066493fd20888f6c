import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { verifyRun } from '../../src/run/verify.ts';
import { column, freeze, json, outcome, scratch, tiny, treeHash, until, weights, withoutTimes } from './programs.ts';

const place = scratch();
const { at, run, start } = place;
const config = place.write('tiny.gin', tiny);
test.after.always(() => place.remove());

/** Long enough to be caught in the middle, short enough to be finished by a test. */
const long = ['-b', 'training_loop.n_epochs=50#model_checkpoint.every="4 steps"#csv_logger.steps_every="1 steps"'];

// The run that was never interrupted, which every interrupted one is compared with.
const reference = run('train', 'reference', config, ...long);

for (const [signal, code] of [
	['SIGINT', 130],
	['SIGTERM', 143],
] as const) {
	test.serial(`${signal} ends with ${code} and a checkpoint; the same command finishes the same run`, async (t) => {
		const started = start('train', signal, config, ...long);
		await until(started, /epoch +3\/50/u);
		started.kill(signal);
		const { exitCode, stdout, stderr } = await started;
		t.is(exitCode, code, stderr);
		t.is(stdout, '');
		t.regex(stderr, /interrupted after epoch \d+, step \d+; the same command continues/u);
		t.is(json(at(signal), 'status.json')['state'], 'interrupted');
		t.regex(String(json(at(signal), 'status.json')['reason']), new RegExp(signal, 'u'));
		t.false(existsSync(at(signal, 'run.lock')));
		await isSameAfterContinuing(t, signal);
	});
}

for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) {
	test.serial(`${signal} ends with 75, "run me again", and a checkpoint`, async (t) => {
		const started = start('train', signal, config, ...long);
		await until(started, /epoch +3\/50/u);
		started.kill(signal);
		const { exitCode, stderr } = await started;
		t.is(exitCode, 75, stderr);
		t.like(json(at(signal), 'status.json'), { state: 'interrupted', reason: `signal ${signal}` });
		t.false(existsSync(at(signal, 'run.lock')));
		await isSameAfterContinuing(t, signal);
	});
}

test.serial(
	'a second SIGINT ends at once, in the middle of a batch; signals that are not listed are not ours',
	async (t) => {
		const plugin = place.write(
			'endless.ts',
			`import { Callback, callback, type Training } from 'gimlet';
import { z } from 'zod';
const parameters = z.object({}).describe('A batch without end.');
@callback('endless', parameters)
export class Endless extends Callback {
	constructor(_p: z.output<typeof parameters>) { super(); }
	override async onBatchEnd(training: Training): Promise<void> {
		if (training.step === 5) {
			training.notice('this batch never ends');
			await new Promise((resolve) => setTimeout(resolve, 600_000));
		}
	}
}
`,
		);
		const endless = ['--plugin', plugin, '-b', 'train.callbacks=["endless"]'];
		const started = start('train', 'twice', config, ...long, ...endless);
		await until(started, /this batch never ends/u);
		const heard = until(started, /SIGINT: finishing the batch/u);
		started.kill('SIGINT');
		await heard;
		started.kill('SIGINT');
		t.is((await started).signal, 'SIGINT');
		t.deepEqual(verifyRun(at('twice')).problems, []);

		const one = start('train', 'one', config, ...long, ...endless, '-b', 'training_loop.signals=["SIGUSR2"]');
		await until(one, /this batch never ends/u);
		one.kill('SIGTERM');
		t.is((await one).signal, 'SIGTERM');
	},
);

test.serial('kill -9 at three instants, then the same command: the run that was never interrupted', async (t) => {
	for (const epoch of [2, 12, 21]) {
		const started = start('train', 'killed', config, ...long);
		await until(started, new RegExp(`epoch +${epoch}/50`, 'u'));
		started.kill('SIGKILL');
		t.is((await started).signal, 'SIGKILL');
	}
	t.is(json(at('killed'), 'status.json')['state'], 'running');
	await isSameAfterContinuing(t, 'killed');
	t.is(count(readFileSync(at('killed/stdout.txt'), 'utf8'), /^--- session \d/gmu), 4);
});

test.serial('a run in use by a living process is refused, and its owner is named', async (t) => {
	const started = start('train', 'busy', config, ...long);
	await until(started, /epoch +2\/50/u);
	// Stopped, it cannot write: what changes now, the second process changed.
	await freeze(started, at('busy'));
	const before = treeHash(at('busy'));
	for (const option of [[], ['--force-new']]) {
		const { code, out, err } = await run('train', 'busy', config, ...long, ...option);
		t.is(code, 3, err);
		t.is(out, '');
		t.regex(err, new RegExp(`busy is in use by pid ${started.pid} `, 'u'));
	}
	t.is(treeHash(at('busy')), before);
	started.kill('SIGCONT');
	const { code, err } = await outcome(started);
	t.is(code, 0, err);
	t.is(weights(at('busy')), weights(at('reference')));
});

test.serial('a finished run is already complete, and untouched', async (t) => {
	await reference;
	const before = treeHash(at('reference'));
	const { code, out, err } = await run('train', 'reference', config, ...long);
	t.is(code, 0, err);
	t.is(out, 'reference');
	t.regex(err, /already complete/u);
	t.regex(err, /\nnext: \S*bin\/evaluate\.ts reference$/u);
	t.is(treeHash(at('reference')), before);
});

test.serial('fewer epochs than a finished run has are already complete as well', async (t) => {
	await reference;
	const before = treeHash(at('reference'));
	const { code, err } = await run('train', 'reference', config, ...long, '-b', 'training_loop.n_epochs=2');
	t.is(code, 0, err);
	t.is(treeHash(at('reference')), before);
});

test.serial('any other difference is refused, each one named with both values', async (t) => {
	await reference;
	const before = treeHash(at('reference'));
	const { code, out, err } = await run(
		'train',
		'reference',
		config,
		...long,
		'-b',
		'training_loop.n_epochs=70#mlp.units=[9]#train.seed=7',
	);
	t.is(code, 3);
	t.is(out, '');
	t.regex(err, /mlp\.units: \[8\] \(.*tiny\.gin:5:\d+\) -> \[9\] \(-b 2, binding 2/u);
	t.regex(err, /train\.seed: 1 \(default\) -> 7 \(-b 2, binding 3/u);
	t.notRegex(err, /n_epochs/u);
	t.is(treeHash(at('reference')), before);
});

test.serial('resume=False refuses a folder that holds a run', async (t) => {
	await reference;
	const before = treeHash(at('reference'));
	const { code, err } = await run('train', 'reference', config, ...long, '-b', 'training_loop.resume=False');
	t.is(code, 3);
	t.regex(err, /holds a run already.*--force-new/u);
	t.is(treeHash(at('reference')), before);
});

test.serial('--force-new moves a run aside, whole, and starts another', async (t) => {
	t.is((await run('train', 'aside', config)).code, 0);
	const before = treeHash(at('aside'));
	const { code, err } = await run('train', 'aside', config, '--force-new', '-b', 'train.seed=9');
	t.is(code, 0, err);
	t.regex(err, /aside\.old-1/u);
	t.is(treeHash(at('aside.old-1')), before);
	t.is(json(at('aside'), 'status.json')['state'], 'finished');
	t.not(weights(at('aside')), weights(at('aside.old-1')));
});

test.serial('--auto gives each of many starts a folder of its own; their commands continue them', async (t) => {
	const outcomes = await Promise.all(Array.from({ length: 5 }, () => run('train', 'many', config, '--auto')));
	t.deepEqual(
		outcomes.map(({ out }) => out).sort(),
		Array.from({ length: 5 }, (_, number) => `many/version_${number}`),
	);
	t.is((await run('train', 'many', config, '--auto', '-b', 'training_loop.n_epochs=0.5')).code, 2);
	t.is(readdirSync(at('many')).filter((name) => !name.startsWith('.')).length, 5);
	const again = await run('runs', 'resume', at('many/version_3'));
	t.is(again.code, 0);
	t.regex(again.err, /version_3: already complete/u);
	t.is(readdirSync(at('many')).filter((name) => !name.startsWith('.')).length, 5);
});

test.serial('--dry-run runs every part and creates nothing', async (t) => {
	const before = treeHash(place.folder);
	const { code, out, err } = await run('train', 'dry', config, '--dry-run');
	t.is(code, 0, err);
	t.is(out, '');
	t.regex(err, /train\/loss .*valid\/loss .*test\/loss/u);
	t.is(treeHash(place.folder), before);
});

test.serial(
	'a run that a callback stopped says why, then and at a second start; more epochs continue it',
	async (t) => {
		const patience = [
			'-b',
			'train.callbacks=["early_stopping"]#early_stopping.patience=1#early_stopping.min_delta=100',
		];
		const { code, err } = await run('train', 'stops early', config, ...patience);
		t.is(code, 0, err);
		t.deepEqual(column(at('stops early'), 'epoch'), ['0', '1']);
		const why = String(json(at('stops early'), 'status.json')['reason']);
		t.regex(why, /^early_stopping: valid\/loss has not improved for 1 epoch; its best was [\d.]+, after epoch 1$/u);
		t.true(err.includes(`\nstopped after epoch 2 of 3: ${why}\n`), err);
		const again = await run('train', 'stops early', config, ...patience);
		t.true(again.err.includes(`already complete (2 epochs; ${why}). A larger`), again.err);
		t.regex(again.err, /\nnext: \S*bin\/evaluate\.ts 'stops early'$/u);
		t.true((await run('runs', 'list', place.folder)).out.includes(why));
		t.is((await run('train', 'stops early', config, ...patience, '-b', 'training_loop.n_epochs=6')).code, 0);
		t.deepEqual(column(at('stops early'), 'epoch'), ['0', '1', '2']);
	},
);

test.serial('--allow-config-change: a callback that is gone leaves no trace on the learning rate', async (t) => {
	const halved = ['-b', 'train.callbacks=["lr_schedule"]#lr_schedule.factors=[[9, 0.5]]'];
	t.is((await run('train', 'changed', config, ...halved)).code, 0);
	const more = ['-b', 'training_loop.n_epochs=4', '--allow-config-change'];
	const { code, err } = await run('train', 'changed', config, ...more);
	t.is(code, 0, err);
	t.regex(err, /^changed: train\.callbacks: .*lr_schedule.* -> \[\]/mu);
	t.deepEqual(column(at('changed'), 'lr'), ['0.0005', '0.0005', '0.0005', '0.001']);
});

test.serial('a reader that closes stderr ends nothing, and a signal is still heard', async (t) => {
	const started = start('train', 'closed', config, '-b', 'training_loop.n_epochs=10000');
	await until(started, /epoch +2\//u);
	started.stderr.destroy();
	const stop = setTimeout(() => started.kill('SIGTERM'), 500);
	const { exitCode } = await started;
	clearTimeout(stop);
	t.is(exitCode, 143);
	t.is(json(at('closed'), 'status.json')['state'], 'interrupted');
	t.regex(readFileSync(at('closed/stderr.txt'), 'utf8'), /SIGTERM: finishing the batch/u);
});

async function isSameAfterContinuing(t: import('ava').ExecutionContext, name: string): Promise<void> {
	const { code, err } = await run('train', name, config, ...long);
	t.is(code, 0, err);
	t.regex(err, /continuing from (?:last|step-[\d-]+): epoch \d+, step \d+/u);
	t.is((await reference).code, 0);
	for (const table of ['history.csv', 'steps.csv']) {
		t.is(withoutTimes(at(name, table)), withoutTimes(at('reference', table)), table);
	}
	for (const checkpoint of ['last', 'best']) {
		t.is(weights(at(name), checkpoint), weights(at('reference'), checkpoint), checkpoint);
	}
	t.deepEqual(json(at(name), 'summary.json'), json(at('reference'), 'summary.json'));
}

function count(text: string, pattern: RegExp): number {
	return [...text.matchAll(pattern)].length;
}
