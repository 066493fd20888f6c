import { z } from 'zod';
import { parseDuration } from '../core/frequency.ts';
import { declareFunction } from '../registry/decorators.ts';
import { functionKind } from '../registry/kinds.ts';
import { component, named } from '../registry/parameters.ts';
import { declared } from '../registry/registry.ts';
import { type Callback, callbackKind } from './contracts/callback.ts';
import { datasetKind } from './contracts/data.ts';
import { type Loss, lossKind } from './contracts/loss.ts';
import { type Metric, metricKind } from './contracts/metric.ts';
import { modelKind } from './contracts/model.ts';
import { type Optimizer, optimizerKind } from './contracts/optimizer.ts';
import { watchedColumns } from './watched-columns.ts';

/** Present unless `train.default_callbacks` is changed; one of the same name in `train.callbacks` takes its place. */
const defaultCallbacks = [
	'terminate_on_nan',
	'progress',
	'csv_logger',
	'tensorboard',
	'model_checkpoint',
	'meta_saver',
	'heartbeat',
];

const trainParameters = z
	.object({
		model: component(modelKind).describe('The network to train.'),
		dataset: component(datasetKind).describe('The examples to learn from.'),
		loss: component(lossKind).default(named<Loss>('cross_entropy')).describe('What to minimise.'),
		optimizer: component(optimizerKind).default(named<Optimizer>('adam')).describe('How gradients become weights.'),
		metrics: z
			.array(component(metricKind))
			.default([named<Metric>('accuracy')])
			.meta({ distinct: true })
			.describe('Figures of merit computed over every split beside the loss.'),
		callbacks: z
			.array(component(callbackKind))
			.default([])
			.meta({ distinct: true })
			.describe('What else happens during training, in this order.'),
		default_callbacks: z
			.array(component(callbackKind))
			.default(defaultCallbacks.map((name) => named<Callback>(name)))
			.meta({ distinct: true })
			.describe('Run after `callbacks`, each unless one of its name is listed there.'),
		batch_size: z
			.int()
			.min(1)
			.default(32)
			.meta({ unit: 'examples' })
			.describe('Examples per optimizer step; the last batch of an epoch may be smaller.'),
		drop_last: z
			.boolean()
			.default(false)
			.meta({ added: true })
			.describe('Leave out the last batch of an epoch where it is smaller than the others.'),
		shuffle: z
			.boolean()
			.default(true)
			.describe(
				'Another order of the training examples in every epoch; False keeps the stored order (to overfit one batch).',
			),
		prefetch: z
			.int()
			.min(0)
			.max(64)
			.nullable()
			.default(null)
			.meta({ free: true, unit: 'batches' })
			.describe(
				'Batches assembled ahead in a thread of their own; 0 for none, None for 2 where augmentation takes a noticeable share of a step.',
			),
		evaluation_batch_size: z
			.int()
			.min(1)
			.default(256)
			.meta({ unit: 'examples' })
			.describe('Examples per batch of validation and testing.'),
		seed: z
			.int()
			.min(0)
			.max(2 ** 32 - 1)
			.default(1)
			.describe('The one seed from which every random stream derives.'),
		data_dir: z
			.string()
			.nullable()
			.default(null)
			.meta({ free: true, path: true })
			.describe('Folder of prepared data; None is $DATA_DIR, else data/ of the repository.'),
	})
	.describe('What is trained, on what, and with what.');

export type TrainSettings = z.output<typeof trainParameters>;

const duration = z.string().refine(isDuration, 'expects a duration such as "90 minutes" or "1h30m"');

const loopParameters = z
	.object({
		n_epochs: z
			.int()
			.min(0)
			.default(10)
			.meta({ free: true, unit: 'epochs' })
			.describe('Passes over the training split, counted from the start of the run.'),
		resume: z
			.boolean()
			.default(true)
			.meta({ free: true, aliases: ['reload'] })
			.describe('Continue an unfinished run found in the folder; False refuses a folder that holds one.'),
		max_steps: z
			.int()
			.min(1)
			.nullable()
			.default(null)
			.meta({ free: true, unit: 'steps' })
			.describe('Optimizer steps of the whole run; None for no limit.'),
		train_for: duration
			.nullable()
			.default(null)
			.meta({ free: true })
			.describe("Training time of the whole run, as in '2h'; None for no limit."),
		on_nan: z
			.string()
			.regex(
				/^(?:stop|skip|rollback [1-9]\d*)$/u,
				'expects "stop", "skip" or "rollback" and a number, as in "rollback 3"',
			)
			.default('stop')
			.meta({ free: true })
			.describe(
				'At a loss that is not finite: "stop" (by terminate_on_nan), "skip" the step, or "rollback n": back to the last checkpoint and on without the step, n times at most.',
			),
		signals: z
			.array(z.enum(['SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGHUP']))
			.default(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'])
			.meta({ free: true })
			.describe('Signals that end training after the batch in progress, with a checkpoint.'),
		preemptible: z
			.boolean()
			.default(false)
			.meta({ free: true })
			.describe('Every such signal ends with exit code 75, "run me again"; SIGUSR1 and SIGUSR2 always do.'),
		limit_train_batches: z
			.int()
			.min(1)
			.nullable()
			.default(null)
			.describe('Batches per epoch, for debugging; None for all. Recorded wherever results are shown.'),
		limit_evaluation_batches: z
			.int()
			.min(1)
			.nullable()
			.default(null)
			.describe('Batches per evaluation, for debugging; None for all.'),
		test: z.boolean().default(true).describe('Evaluate the test split once, at the end.'),
		test_checkpoint: z.enum(['best', 'last']).default('best').describe('Which checkpoint the test at the end is of.'),
	})
	.describe('How long to train, and what happens to a folder that holds a run already.');

export type LoopSettings = z.output<typeof loopParameters>;

const deviceParameters = z
	.object({
		backend: z
			.enum(['auto', 'gpu', 'native', 'wasm', 'cpu'])
			.default('auto')
			.meta({ free: true })
			.describe('The engine below the tensors; auto takes the best that works here.'),
		threads: z
			.int()
			.min(1)
			.max(64)
			.nullable()
			.default(null)
			.meta({ free: true })
			.describe('Threads of the engine; None for OMP_NUM_THREADS, else one per core.'),
		allow_software: z
			.boolean()
			.default(false)
			.meta({ free: true })
			.describe('Lets "gpu" run on a software adapter (SwiftShader), which computes on the CPU: for tests.'),
	})
	.describe('Where tensors are computed.');

export type DeviceSettings = z.output<typeof deviceParameters>;

/** The functions that every training config configures; nothing else is reachable but through them. */
export const roots = ['train', 'training_loop', 'device'] as const;

declared.rules.add(watchedColumns);
declareFunction(functionKind, 'train', trainParameters, (settings: TrainSettings) => settings);
declareFunction(functionKind, 'training_loop', loopParameters, (settings: LoopSettings) => settings);
declareFunction(functionKind, 'device', deviceParameters, (settings: DeviceSettings) => settings);

function isDuration(text: string): boolean {
	try {
		return parseDuration(text) > 0;
	} catch {
		return false;
	}
}
