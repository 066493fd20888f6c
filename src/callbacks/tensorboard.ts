import { z } from 'zod';
import { Periodic, parseFrequency } from '../core/frequency.ts';
import { limits } from '../files/limits.ts';
import { readTextInside } from '../files/reading.ts';
import { EventWriter, wholeBytes } from '../run/events.ts';
import { readRecord } from '../run/layouts.ts';
import { runFiles, runPath } from '../run/paths.ts';
import type { Pixels } from '../run/png.ts';
import { Callback, type CallbackState, callback, type EndReason, type Logs } from '../train/contracts/callback.ts';
import { isFrequency } from '../train/contracts/frequency.ts';
import type { Training } from '../train/contracts/training.ts';
import { knownVersion, savedCount, savedPeriod } from '../train/saved-state.ts';

const parameters = z
	.object({
		histograms_every: isFrequency()
			.nullable()
			.default('1 epochs')
			.meta({ free: true })
			.describe('How often the spread of every weight is written; None for never.'),
		images: z
			.int()
			.min(0)
			.default(8)
			.meta({ free: true })
			.describe('Training images written once, as the model sees them.'),
	})
	.describe('Writes TensorBoard event files under tb/.');

/** Writes TensorBoard event files: every column per epoch, weights as histograms, images, the config, hyper-parameters. */
@callback('tensorboard', parameters)
export class Tensorboard extends Callback {
	override readonly essential = false;
	readonly #histograms: Periodic | undefined;
	readonly #images: number;
	#writer: EventWriter | undefined;
	#length: number | undefined;

	constructor(p: z.output<typeof parameters>) {
		super();
		this.#histograms = p.histograms_every === null ? undefined : new Periodic(parseFrequency(p.histograms_every));
		this.#images = p.images;
	}

	override owns(): readonly string[] {
		return ['tb/'];
	}

	override onRunStart(training: Training): void {
		const { run, resumed } = training;
		if (run === undefined) {
			return;
		}
		run.check();
		const folder = runPath(run.path, 'events');
		const isShort = resumed && wholeBytes(folder) < (this.#length ?? 0);
		if (isShort) {
			training.notice(`tensorboard: ${folder} has lost events; what is left stays, and new ones are added.`);
		}
		this.#writer = EventWriter.open(folder, isShort ? {} : { resumeAt: this.#length ?? 0 });
		if (!resumed) {
			this.#introduce(training, run.path);
		}
		this.#length = this.#writer.length;
	}

	override async onEpochLogged(training: Training, logs: Readonly<Logs>): Promise<void> {
		const writer = this.#writer;
		if (writer === undefined) {
			return;
		}
		training.run?.check();
		for (const [column, value] of Object.entries(logs)) {
			if (column !== 'epoch' && column !== 'step') {
				writer.scalar(column, value, training.step);
			}
		}
		const { step, examples, seconds, clock } = training;
		if (this.#histograms?.due({ step, examples, seconds, epoch: clock.epoch })) {
			for (const { name, variable } of training.model.variables()) {
				writer.histogram(name, (await variable.data()) as Float32Array, step);
			}
		}
		this.#length = writer.length;
	}

	override async onSaving({ run }: Training): Promise<void> {
		run?.check();
		await this.#writer?.sync();
	}

	override async onRunEnd({ run }: Training, reason: EndReason): Promise<void> {
		if (this.#writer !== undefined && run !== undefined) {
			run.check();
			if (reason !== 'interrupted') {
				this.#writer.sessionEnd(reason === 'finished' ? 'success' : 'failure');
			}
			await this.#writer.sync();
			this.#writer.close();
		}
	}

	override state(): CallbackState {
		return { length: this.#length ?? 0, histograms: this.#histograms?.state() ?? null };
	}

	override restore(state: CallbackState, version: number): void {
		knownVersion('tensorboard', version, this.version);
		this.#length = savedCount('tensorboard', state, 'length');
		if (state['histograms'] !== null) {
			this.#histograms?.restore(savedPeriod('tensorboard', state, 'histograms'));
		}
	}

	#introduce(training: Training, folder: string): void {
		const writer = this.#writer!;
		const columns = ['train/loss', 'valid/loss', ...training.metrics.map(({ column }) => `valid/${column}`)];
		writer.hparams(hyperParameters(folder), columns);
		const config = readTextInside(folder, runFiles.config, limits.record) ?? '';
		writer.text('config', `\`\`\`python\n${config}\n\`\`\``, 0);
		for (const [i, pixels] of firstImages(training, this.#images).entries()) {
			writer.image(`examples/${i}`, pixels, 0);
		}
	}
}

/** Every number, text and truth value that the config binds itself; defaults would drown them. */
function hyperParameters(folder: string): Record<string, number | string | boolean> {
	const components = Object.entries(readRecord(folder, 'operative')?.components ?? {});
	const all = components.flatMap(([component, { parameters }]) =>
		Object.entries(parameters).map(([name, parameter]) => [`${component}.${name}`, parameter] as const),
	);
	const bound = all.filter(([, { origin }]) => origin.type !== 'default');
	return Object.fromEntries(bound.map(([name, { value, text }]) => [name, isPlain(value) ? value : text]));
}

function isPlain(value: unknown): value is number | string | boolean {
	return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
}

/** Images of one or three channels, stretched over their own range. */
function firstImages({ data }: Training, wanted: number): Pixels[] {
	const [height, width, channels] = data.spec.shape;
	if (data.spec.shape.length !== 3 || (channels !== 1 && channels !== 3)) {
		return [];
	}
	const { inputs, size } = data.splits.train;
	const length = height! * width! * channels;
	return Array.from({ length: Math.min(wanted, size) }, (_, i) => {
		const values = inputs.subarray(i * length, (i + 1) * length);
		const [low, high] = rangeOf(values);
		const range = high - low || 1;
		return {
			height: height!,
			width: width!,
			channels,
			data: Uint8Array.from(values, (value) => (255 * (value - low)) / range),
		};
	});
}

// Values may be as many as an image has: too many for the arguments of a function.
function rangeOf(values: Iterable<number>): [low: number, high: number] {
	let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
	for (const value of values) {
		low = Math.min(low, value);
		high = Math.max(high, value);
	}
	return [low, high];
}
