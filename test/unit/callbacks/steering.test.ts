import test from 'ava';
import { DivergedError, RefusedError, UsageError } from '../../../src/core/errors.ts';
import { Callback } from '../../../src/train/contracts/callback.ts';
import '../../../src/callbacks/early_stopping.ts';
import '../../../src/callbacks/lr_schedule.ts';
import '../../../src/callbacks/reduce_lr_on_plateau.ts';
import '../../../src/callbacks/terminate_on_nan.ts';
import { declared } from '../../../src/registry/registry.ts';
import { carryOver, factor, played } from '../../fixtures/training.ts';

function make(name: string, values: Record<string, unknown> = {}): Callback {
	const { parameters, target } = declared.get(name);
	return new target(parameters.parse(values)) as Callback;
}

/** Plays epochs of values of a column, replacing the callback by a restored one before epoch `cut`. */
function epochs(create: () => Callback, column: string, values: number[], cut = -1) {
	let callback = create();
	const log: { stopped: boolean; factor: number }[] = [];
	let world = played([callback]);
	void callback.onRunStart(world.training);
	values.forEach((value, epoch) => {
		if (epoch === cut) {
			callback = carryOver(callback, create());
			const stops = world.stops;
			world = played([callback]);
			world.stops.push(...stops);
			void callback.onRunStart(world.training);
		}
		world.training.epoch = epoch;
		void callback.onEpochStart(world.training);
		void callback.onEpochEnd(world.training, { [column]: value, 'train/loss': 1 });
		log.push({ stopped: world.stops.length > 0, factor: factor(world.training) });
	});
	return { log, ...world };
}

const stopping = (values: Record<string, unknown>) => () => make('early_stopping', { patience: 2, ...values });

test('early_stopping ends after patience epochs without a better value', (t) => {
	const { log, stops } = epochs(stopping({}), 'valid/loss', [3, 2, 2.5, 1.9, 2, 1.9]);
	t.deepEqual(
		log.map(({ stopped }) => stopped),
		[false, false, false, false, false, true],
	);
	t.regex(stops[0]!, /valid\/loss has not improved for 2 epochs; its best was 1.9, after epoch 4/);
});

test('early_stopping takes the direction from the metric, or from mode', (t) => {
	const falling = [0.5, 0.4, 0.3];
	t.true(epochs(stopping({ monitor: 'valid/accuracy' }), 'valid/accuracy', falling).log[2]!.stopped);
	t.false(epochs(stopping({ monitor: 'valid/accuracy', mode: 'min' }), 'valid/accuracy', falling).log[2]!.stopped);
	t.throws(() => epochs(stopping({ monitor: 'valid/other' }), 'valid/other', falling), {
		instanceOf: UsageError,
		message: /early_stopping.mode to "min" or "max"/,
	});
});

test('early_stopping wants more than min_delta, and never takes NaN for better', (t) => {
	t.true(epochs(stopping({ min_delta: 0.5 }), 'valid/loss', [3, 2.6, 2.5]).log[2]!.stopped);
	t.false(epochs(stopping({ min_delta: 0.5 }), 'valid/loss', [3, 2.6, 2.4]).log[2]!.stopped);
	t.true(epochs(stopping({}), 'valid/loss', [Number.NaN, Number.NaN]).log[1]!.stopped);
	t.false(epochs(stopping({}), 'valid/loss', [Number.NaN, 5, Number.NaN]).log[2]!.stopped);
});

test('a missing column is an error that lists the others, and the test split is refused', (t) => {
	t.throws(() => epochs(stopping({ monitor: 'valid/los' }), 'valid/loss', [1]), {
		instanceOf: UsageError,
		message: /early_stopping.monitor = "valid\/los".*valid\/loss.*train\/loss/s,
	});
	t.throws(() => make('early_stopping', { monitor: 'test/loss' }), { instanceOf: UsageError, message: /test split/ });
	t.throws(() => make('reduce_lr_on_plateau', { monitor: 'test/loss' }), { instanceOf: UsageError });
});

const plateau = () => make('reduce_lr_on_plateau', { factor: 0.5, patience: 2, cooldown: 1, min_factor: 0.2 });

test('reduce_lr_on_plateau reduces after patience, rests, and stops at its least factor', (t) => {
	const { log, notices } = epochs(plateau, 'valid/loss', [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
	t.deepEqual(
		log.map((row) => row.factor),
		[1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2],
	);
	t.is(notices.length, 3);
});

test('monitors restored in the middle go on as if never stopped', (t) => {
	const values = [3, 2, 2.5, 1.9, 2, 2.2, 1.95, 2, 1.5, 1.6, 1.7, 1.8];
	for (const create of [plateau, stopping({ patience: 3 })]) {
		const { log } = epochs(create, 'valid/loss', values);
		for (let cut = 0; cut < values.length; cut++) {
			t.deepEqual(epochs(create, 'valid/loss', values, cut).log, log, `cut before epoch ${cut}`);
		}
	}
});

const table = [1, 1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01];
const stages = [[2, 1], { until: 10, factor: 0.1 }, [11, 0.01]];

test('lr_schedule follows the hand table for 12 epochs, restored anywhere', (t) => {
	const create = () => make('lr_schedule', { factors: stages });
	for (const cut of [-1, 0, 2, 5, 11]) {
		const { log, notices } = epochs(create, 'valid/loss', new Array<number>(12).fill(1), cut);
		t.deepEqual(
			log.map((row) => row.factor),
			table,
		);
		t.regex(notices[0]!, /last entry ends at epoch 11, training at epoch 12/);
	}
});

test('lr_schedule gives no notice when its table covers training', (t) => {
	t.deepEqual(epochs(() => make('lr_schedule', { factors: [[12, 0.5]] }), 'valid/loss', [1]).notices, []);
});

test('lr_schedule refuses entries out of order and pairs the wrong way round', (t) => {
	t.throws(
		() =>
			make('lr_schedule', {
				factors: [
					[10, 0.1],
					[2, 1],
				],
			}),
		{
			instanceOf: UsageError,
			message: /entry 2 ends at 2, not after entry 1, which ends at 10/,
		},
	);
	t.throws(
		() =>
			make('lr_schedule', {
				factors: [
					[1, 2],
					[0.1, 10],
				],
			}),
		{ instanceOf: UsageError },
	);
	t.throws(() => make('lr_schedule', { factors: [] }));
});

test('lr_schedule started between epochs leaves the factor to the start of the next one, in an epoch it sets it', (t) => {
	const schedule = make('lr_schedule', { factors: [[99, 0.5]] });
	const { training } = played([schedule]);
	void schedule.onRunStart(training);
	t.is(training.rateFactors.size, 0);
	Object.assign(training.clock, { epoch: 0.5 });
	void schedule.onRunStart(training);
	t.is(training.rateFactors.get('lr_schedule'), 0.5);
});

test('lr_schedule changes in the middle of an epoch where an entry ends there', (t) => {
	const schedule = make('lr_schedule', {
		factors: [
			[1.5, 1],
			[9, 0.1],
		],
	});
	const { training } = played([schedule]);
	const factors = [1, 1.25, 1.5, 1.75, 2].map((epoch) => {
		Object.assign(training.clock, { epoch });
		void (Number.isInteger(epoch) ? schedule.onEpochStart(training) : schedule.onBatchEnd(training, {}));
		return training.rateFactors.get('lr_schedule');
	});
	t.deepEqual(factors, [1, 1, 0.1, 0.1, 0.1]);
});

test('two callbacks of one class keep a factor each', (t) => {
	const both = [make('lr_schedule', { factors: [[99, 0.5]] }), make('lr_schedule', { factors: [[99, 0.1]] })];
	const { training } = played(both);
	for (const one of both) {
		void one.onRunStart(training);
		void one.onEpochStart(training);
	}
	t.deepEqual(Object.fromEntries(training.rateFactors), { lr_schedule: 0.5, 'lr_schedule#2': 0.1 });
});

test('terminate_on_nan names epoch, step and column, and exits 5', async (t) => {
	const guard = make('terminate_on_nan');
	const { training } = played([guard]);
	[training.epoch, training.step] = [3, 41];
	for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
		const error = t.throws(() => guard.onBatchEnd(training, { loss: 1, 'loss/l2': value, lr: 1 }), {
			instanceOf: DivergedError,
			message: /epoch 3, step 41: loss\/l2 is (NaN|Infinity)/,
		});
		t.is(error.exitCode, 5);
	}
	await t.throwsAsync(async () => guard.onEpochEnd(training, { 'valid/loss': Number.NaN }), {
		message: /valid\/loss is NaN/,
	});
	await t.notThrowsAsync(async () => guard.onEpochEnd(training, { 'train/loss': 1, 'valid/macro_f1': Number.NaN }));
});

test('terminate_on_nan also ends above a limit, when asked', (t) => {
	const { training } = played([]);
	t.notThrows(() => make('terminate_on_nan').onBatchEnd(training, { loss: 1e9 }));
	t.throws(() => make('terminate_on_nan', { above: 100 }).onBatchEnd(training, { loss: 101 }), {
		instanceOf: DivergedError,
	});
});

test('a state of an unknown layout or with a missing number is refused', (t) => {
	const stopper = make('early_stopping');
	t.throws(() => stopper.restore(stopper.state(), 99), { instanceOf: RefusedError, message: /layout 99/ });
	t.throws(() => stopper.restore({ waited: 'x' }, 1), { instanceOf: RefusedError, message: /waited = "x"/ });
});
