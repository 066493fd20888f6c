import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { differences, outcomeOf } from '../../scripts/run-outcome.ts';
import { verifyRun } from '../../src/run/verify.ts';
import { root, scratch } from './programs.ts';

const place = scratch();
test.after.always(() => place.remove());

const config = place.write(
	'small.gin',
	`
train.model = 'mlp'
train.dataset = 'digits'
digits.train_limit = 96
mlp.units = [16]
mlp.dropout = 0.2
model_checkpoint.monitor = 'valid/accuracy'
model_checkpoint.every = '2 steps'
csv_logger.steps_every = '1 steps'
training_loop.n_epochs = 3
device.threads = 1
`,
);
const poison = join(root, 'test/fixtures/plugins/poison.ts');

test.serial('a limit reached in mid-epoch, raised later, leaves no trace in the results', async (t) => {
	const { code, err } = await place.run('train', 'whole', config);
	t.is(code, 0, err);
	const { checkpoints, last } = JSON.parse(readFileSync(place.at('whole', 'summary.json'), 'utf8'));
	const [best, end] = [checkpoints.best.figures, last].map((row) => Number(row['valid/accuracy'].toPrecision(5)));
	t.regex(
		err,
		new RegExp(`^valid/accuracy: ${best} at the checkpoint best, after epoch ${checkpoints.best.epochs}`, 'mu'),
	);
	t.true(checkpoints.best.epochs === 3 || err.includes(`; ${end} after the last, epoch 3`));
	const limited = await place.run('train', 'limited', config, '-b', 'training_loop.max_steps=4');
	t.is(limited.code, 0, limited.err);
	t.regex(limited.err, /^limited by max_steps = 4: 1 of 3 epochs, step 4$/mu);
	const status = JSON.parse(readFileSync(place.at('limited', 'status.json'), 'utf8'));
	t.like(status, { state: 'partial', reason: 'max_steps = 4', epoch: 1, step: 4 });
	t.false(existsSync(place.at('limited', 'FINISHED')));
	const again = await place.run('train', 'limited', config, '-b', 'training_loop.max_steps=4');
	t.regex(again.err, /already complete/u);
	t.deepEqual(verifyRun(place.at('limited')).problems, []);
	const summary = JSON.parse(readFileSync(place.at('limited', 'summary.json'), 'utf8'));
	t.is(summary.steps, 4);
	const raised = await place.run('train', 'limited', config);
	t.is(raised.code, 0, raised.err);
	t.deepEqual(differentResults('limited'), []);
});

test.serial('a full disk ends with 4, leaves what was there, and the run continues exactly', async (t) => {
	const full = await place.run('train', 'full', config, '--chaos', 'full@write=90');
	t.is(full.code, 4, full.err);
	t.regex(full.err, /the disk is full/u);
	t.deepEqual(verifyRun(place.at('full')).problems, []);
	const repaired = await place.run('train', 'full', config);
	t.is(repaired.code, 0, repaired.err);
	t.deepEqual(differences(outcomeOf(place.at('whole')), outcomeOf(place.at('full'))), []);
});

test.serial('a signal asks for another start where the run is preemptible', async (t) => {
	const ended = await place.run(
		'train',
		'spot',
		config,
		'-b',
		'training_loop.preemptible=True',
		'--chaos',
		'term@step=4',
	);
	t.is(ended.code, 75, ended.err);
	t.is(JSON.parse(readFileSync(place.at('spot', 'status.json'), 'utf8')).state, 'interrupted');
	t.is((await place.run('train', 'spot', config)).code, 0);
	t.deepEqual(differentResults('spot'), []);
});

test.serial('fewer epochs than a killed run has done are already complete', async (t) => {
	const killed = await place.run('train', 'fewer', config, '--chaos', 'kill@step=8');
	t.is(killed.code, undefined);
	const { code, err } = await place.run('train', 'fewer', config, '-b', 'training_loop.n_epochs=1');
	t.is(code, 0, err);
	t.regex(err, /already complete: 2 epochs are done, 1 was asked for/u);
	t.deepEqual(verifyRun(place.at('fewer')).problems, []);
	t.is((await place.run('train', 'fewer', config)).code, 0);
	t.deepEqual(differentResults('fewer'), []);
});

test.serial('other code is refused by name, and allowed only with a record of it', async (t) => {
	const file = place.at('spot', 'identity.json');
	const identity = JSON.parse(readFileSync(file, 'utf8'));
	identity.code.files['src/train/loop.ts'] = '0'.repeat(64);
	writeFileSync(file, JSON.stringify(identity));
	const more = ['-b', 'training_loop.n_epochs=4'];
	const refused = await place.run('train', 'spot', config, ...more);
	t.is(refused.code, 3);
	t.regex(refused.err, /src\/train\/loop\.ts has changed/u);
	t.is((await place.run('train', 'spot', config, ...more, '--allow-config-change')).code, 0);
	const { sessions } = JSON.parse(readFileSync(place.at('spot', 'meta.json'), 'utf8'));
	t.regex(sessions.at(-1).allowed_changes.join(), /src\/train\/loop\.ts/u);
});

test.serial('a step that is not finite is left out, or gone back before, and can be repeated', async (t) => {
	const poisoned = (policy: string) => [
		config,
		...['--plugin', poison],
		...['-b', `digits.transforms=[@poison()] # poison.probability=0.3 # training_loop.on_nan='${policy}'`],
	];
	const stop = await place.run('train', 'stop', ...poisoned('stop'));
	t.is(stop.code, 5, stop.err);
	const skip = await place.run('train', 'skip', ...poisoned('skip'));
	t.is(skip.code, 0, skip.err);
	const back = await place.run('train', 'back', ...poisoned('rollback 9'));
	t.is(back.code, 0, back.err);
	t.regex(back.err, /Going back to the last checkpoint/u);
	const { sessions } = JSON.parse(readFileSync(place.at('back', 'meta.json'), 'utf8'));
	t.deepEqual(
		sessions.map(({ exit_reason }: { exit_reason: string }) => exit_reason),
		['finished'],
	);
	const once = await place.run('train', 'once', ...poisoned('rollback 1'));
	t.is(once.code, 5, once.err);
	const again = await place.run('replay', 'skip', '--plugin', poison);
	t.is(again.code, 0, again.err);
	const shown = JSON.parse(again.out);
	t.true(shown.same);
	t.is(shown.not_finite.inputs, 1);
	t.deepEqual(verifyRun(place.at('back')).problems, []);
});

test.serial(
	'a step that is left out moves no running statistics either, and is repeated with those it had',
	async (t) => {
		const normed = place.write(
			'normed.gin',
			`
train.model = 'simple_cnn'
train.dataset = 'digits'
digits.train_limit = 96
digits.transforms = [@poison()]
poison.probability = 0.3
simple_cnn.filters = [2]
simple_cnn.units = [4]
simple_cnn.batch_norm = True
model_checkpoint.every = '2 steps'
csv_logger.steps_every = '1 steps'
training_loop.n_epochs = 3
training_loop.on_nan = 'skip'
device.threads = 1
`,
		);
		const args = [normed, '--plugin', poison];
		const whole = await place.run('train', 'normed', ...args);
		t.is(whole.code, 0, whole.err);
		t.regex(whole.err, /left out/u);
		const shown = JSON.parse((await place.run('replay', 'normed', '--plugin', poison)).out);
		t.true(shown.same);
		t.deepEqual([...new Set(Object.values(shown.not_finite.weights))], [0]);
		t.is((await place.run('train', 'normed-killed', ...args, '--chaos', 'kill@step=5')).code, undefined);
		t.is((await place.run('train', 'normed-killed', ...args)).code, 0);
		t.deepEqual(differences(outcomeOf(place.at('normed')), outcomeOf(place.at('normed-killed'))), []);
	},
);

test.serial(
	'a best value may be infinite, a column may be NaN or come late, and the run is continued exactly',
	async (t) => {
		const plugin = place.write('odd.ts', oddColumns);
		for (const monitor of ['odd/infinite', 'odd/nan']) {
			const name = monitor.replace('/', '-');
			const more = [
				...['--plugin', plugin],
				...['-b', `train.callbacks=["odd"]#model_checkpoint.monitor="${monitor}"#model_checkpoint.mode="min"`],
			];
			const whole = await place.run('train', name, config, ...more);
			t.is(whole.code, 0, whole.err);
			t.is((await place.run('train', `${name}-killed`, config, ...more, '--chaos', 'kill@step=8')).code, undefined);
			const { code, err } = await place.run('train', `${name}-killed`, config, ...more);
			t.is(code, 0, err);
			t.deepEqual(differences(outcomeOf(place.at(name)), outcomeOf(place.at(`${name}-killed`))), []);
		}
	},
);

test.serial('a folder that was copied is continued where it is; another engine is named', async (t) => {
	t.is((await place.run('train', 'here', config, '--chaos', 'kill@step=5')).code, undefined);
	cpSync(place.at('here'), place.at('there', 'copied run'), { recursive: true, dereference: true });
	t.is((await place.run('train', place.at('there', 'copied run'), config)).code, 0);
	// Where links were followed, what they led to is stored more than once.
	t.deepEqual(differentResults(join('there', 'copied run')), ['checkpoints']);
	const other = await place.run('train', 'here', config, '-b', 'device.backend="cpu"');
	t.is(other.code, 0, other.err);
	t.regex(other.err, /changed: engine: \S+ .* -> cpu .*the last bits of results may differ/u);
	t.deepEqual(verifyRun(place.at('here')).problems, []);
});

test.serial(
	'killed between its first checkpoint and the names for it, a run has them when it is continued',
	async (t) => {
		const more = ['-b', 'training_loop.n_epochs=1#model_checkpoint.every="1 epochs"'];
		t.is((await place.run('train', 'named', config, ...more)).code, 0);
		const before = outcomeOf(place.at('named'));
		for (const name of ['checkpoints/last', 'checkpoints/best', 'FINISHED', 'summary.json', 'eval']) {
			rmSync(place.at('named', name), { recursive: true });
		}
		const { code, err } = await place.run('train', 'named', config, ...more);
		t.is(code, 0, err);
		t.deepEqual(differences(before, outcomeOf(place.at('named'))), []);
	},
);

test.serial('a callback that throws ends the run by its name, a logger that throws does not', async (t) => {
	const plugin = place.write('thrower.ts', throwers);
	const logger = ['--plugin', plugin, '-b', 'train.callbacks=["broken_logger"]'];
	const on = await place.run('train', 'logged', config, ...logger);
	t.is(on.code, 0, on.err);
	t.regex(on.err, /broken_logger failed in onBatchEnd .*no connection/u);
	const off = await place.run('train', 'thrown', config, '--plugin', plugin, '-b', 'train.callbacks=["broken"]');
	t.is(off.code, 1, off.err);
	t.regex(off.err, /The callback broken failed in onEpochEnd: it is Monday/u);
	t.is(JSON.parse(readFileSync(place.at('thrown', 'status.json'), 'utf8')).state, 'failed');
	t.deepEqual(verifyRun(place.at('thrown')).problems, []);
});

test.serial('a run of schema 1 opens: it verifies, is evaluated and is continued', async (t) => {
	const run = place.at('old');
	cpSync(join(root, 'test/fixtures/run-v1'), run, { recursive: true, verbatimSymlinks: true });
	t.deepEqual(verifyRun(run).problems, []);
	const recorded = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8'));
	const own = readFileSync(join(run, 'eval/test@best.json'));
	const evaluated = await place.run('evaluate', run, '--json');
	t.is(evaluated.code, 0, evaluated.err);
	for (const [column, value] of Object.entries(JSON.parse(evaluated.out))) {
		t.true(Math.abs((value as number) - recorded.test[column]) < 1e-5, column);
	}
	// Other code has computed it: what is recorded stays.
	t.regex(evaluated.err, /^differs from the run: code: src\/.* has changed/mu);
	t.deepEqual(readFileSync(join(run, 'eval/test@best.json')), own);
	const [, beside] = readdirSync(join(run, 'eval'));
	t.regex(beside!, /^test@best~[0-9a-f]{8}\.json$/u);
	t.true(JSON.parse(readFileSync(join(run, 'eval', beside!), 'utf8')).differs.length > 0);
	t.deepEqual(verifyRun(run).problems, []);
	const source = place.at('old', 'config.gin');
	const continued = await place.run('train', run, source, '-b', 'training_loop.n_epochs=3', '--allow-config-change');
	t.is(continued.code, 0, continued.err);
	t.regex(continued.err, /1 - beta1 and 1 - beta2 stay in single precision, as this run began/u);
	t.is(JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')).epochs, 3);
});

// The command line differs, so what records it does: the sources, and the config that TensorBoard shows.
function differentResults(name: string): string[] {
	const all = differences(outcomeOf(place.at('whole')), outcomeOf(place.at(name)));
	return all.filter((one) => one !== 'tb' && !one.startsWith('configs/'));
}

const parameters = `
import { Callback, callback, type Logs, type Training } from 'gimlet';
import { z } from 'zod';
const parameters = z.object({}).describe('For a test.');
`;

const oddColumns = `${parameters}
@callback('odd', parameters)
export class Odd extends Callback {
	constructor(_p: z.output<typeof parameters>) { super(); }
	override onBatchEnd(training: Training, logs: Logs): void {
		if (training.step > 4) { logs['drawn'] = training.streams.stream('odd').uniform(); }
	}
	override onEpochEnd(training: Training, logs: Logs): void {
		logs['odd/infinite'] = training.epoch < 2 ? Infinity : 3;
		logs['odd/nan'] = NaN;
		if (training.epoch > 1) { logs['odd/late'] = 0.1 * training.epoch; }
	}
}
`;

const throwers = `${parameters}
@callback('broken', parameters)
export class Broken extends Callback {
	constructor(_p: z.output<typeof parameters>) { super(); }
	override onEpochEnd(): void { throw new Error('it is Monday'); }
}
@callback('broken_logger', parameters)
export class BrokenLogger extends Callback {
	override readonly essential = false;
	constructor(_p: z.output<typeof parameters>) { super(); }
	override onBatchEnd(): void { throw new Error('no connection'); }
}
`;
