import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { differences, outcomeOf } from '../../scripts/run-outcome.ts';
import { verifyRun } from '../../src/run/verify.ts';
import { json, scratch, tiny } from './programs.ts';

const place = scratch();
const { at, run } = place;
test.after.always(() => place.remove());

// Fails in the hook that the file `trouble` names, so that the code stays the same.
place.write(
	'fragile.ts',
	`
import { readFileSync } from 'node:fs';
import { Callback, type CallbackState, callback, type Logs, type Training } from 'gimlet';
import { z } from 'zod';

const parameters = z.object({}).describe('For a test.');

function fail(hook: string): void {
	if (readFileSync(new URL('./trouble', import.meta.url), 'utf8') === hook) {
		throw new Error('it is Monday');
	}
}

@callback('fragile', parameters)
export class Fragile extends Callback {
	#seen = 0;
	constructor(_p: z.output<typeof parameters>) { super(); }
	override onBatchStart({ step }: Training): void {
		this.#seen += 0.01;
		if (step === 2) { fail('onBatchStart'); }
	}
	override onGradients({ step }: Training, gradients: Record<string, never>): Record<string, never> {
		if (step === 3) { fail('onGradients'); }
		return gradients;
	}
	override onBatchEnd({ step }: Training, logs: Logs): void {
		if (step === 5) { fail('onBatchEnd'); }
		this.#seen += 1;
		logs['seen'] = this.#seen;
	}
	override onEvaluateEnd({ epoch }: Training): void { if (epoch === 0) { fail('onEvaluateEnd'); } }
	override onEvaluateStart({ epoch }: Training): void { if (epoch === 1) { fail('onEvaluateStart'); } }
	override onEpochEnd({ epoch }: Training, logs: Logs): void {
		this.#seen += 100;
		logs['seen'] = this.#seen;
		if (epoch === 1) { fail('onEpochEnd'); }
	}
	override onEpochLogged({ epoch }: Training): void { if (epoch === 3) { fail('onEpochLogged'); } }
	override state(): CallbackState { return { seen: this.#seen }; }
	override restore({ seen }: CallbackState): void { this.#seen = Number(seen); }
}
`,
);
const config = place.write(
	'fragile.gin',
	`
import './fragile.ts'
${tiny}
train.callbacks = ['gradient_clip', 'weight_average', 'fragile', 'early_stopping']
gradient_clip.log = True
csv_logger.steps_every = '1 steps'
`,
);

test.serial('a run that fails saves last where it was whole, and goes on from there exactly', async (t) => {
	place.write('trouble', '');
	const whole = await run('train', 'whole', config);
	t.is(whole.code, 0, whole.err);
	const troubles = [
		['onBatchStart', 2],
		['onGradients', 3],
		['onBatchEnd', 5],
		['onEvaluateStart', 12],
		['onEpochEnd', 12],
		['onEpochLogged', 18],
	] as const;
	for (const [hook, step] of troubles) {
		writeFileSync(at('trouble'), hook);
		const { code, err } = await run('train', 'failed', config);
		t.is(code, 1, `${hook}: ${err}`);
		t.regex(err, new RegExp(`fragile failed in ${hook}: it is Monday$`, 'mu'));
		t.is(readlinkSync(at('failed', 'checkpoints/last')), `step-${String(step).padStart(8, '0')}`, hook);
		t.like(json(at('failed'), 'status.json'), {
			state: 'failed',
			reason: `The callback fragile failed in ${hook}: it is Monday`,
		});
		const log = readFileSync(at('failed', 'stderr.txt'), 'utf8');
		t.regex(
			log.split('--- session').at(-1)!,
			/GimletError: The callback fragile failed.*Caused by: Error: it is Monday\n.*fragile\.ts:10:/su,
		);
		t.deepEqual(verifyRun(at('failed')).problems, []);
	}
	writeFileSync(at('trouble'), '');
	const { code, err } = await run('train', 'failed', config);
	t.is(code, 0, err);
	t.deepEqual(differences(outcomeOf(at('whole')), outcomeOf(at('failed'))), []);
});

test.serial('an error of a transform says where its stack is; the step before it is saved', async (t) => {
	const plugin = place.write('blurry.ts', blurry);
	const more = ['-b', "train.dataset='digits'#digits.train_limit=96#digits.transforms=[@blurry()]"];
	const small = place.write('small.gin', "train.model = 'mlp'\ndevice.threads = 1\ntraining_loop.n_epochs = 2\n");
	const { code, err } = await run('train', 'blurry', small, '--plugin', plugin, ...more);
	t.is(code, 1, err);
	t.regex(err, /^train: image 7 is broken \(blurry\/stderr\.txt shows where\)$/mu);
	t.is(json(at('blurry'), 'status.json')['reason'], 'image 7 is broken');
	t.is(readlinkSync(at('blurry', 'checkpoints/last')), 'step-00000002');
	t.regex(readFileSync(at('blurry', 'stderr.txt'), 'utf8'), /^Error: image 7 is broken\n.*blurry\.ts:8:/msu);
});

test.serial('where the weights may not be those of training, nothing is saved', async (t) => {
	writeFileSync(at('trouble'), 'onEvaluateEnd');
	const { code } = await run('train', 'unsure', config);
	t.is(code, 1);
	t.throws(() => readlinkSync(at('unsure', 'checkpoints/last')));
	t.deepEqual(verifyRun(at('unsure')).problems, []);
});

const blurry = `import { Transform, transform } from 'gimlet';
import { z } from 'zod';
const parameters = z.object({}).describe('For a test.');
let batches = 0;
@transform('blurry', parameters)
export class Blurry extends Transform {
	constructor(_p: z.output<typeof parameters>) { super(); }
	apply(): void { batches += 1; if (batches === 3) { throw new Error('image 7 is broken'); } }
}
`;
