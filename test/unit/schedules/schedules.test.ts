import test from 'ava';
import fc from 'fast-check';
import { type Clock, Schedule } from '../../../src/train/contracts/schedule.ts';
import '../../../src/schedules/constant.ts';
import '../../../src/schedules/cosine.ts';
import '../../../src/schedules/exponential.ts';
import '../../../src/schedules/linear.ts';
import '../../../src/schedules/one_cycle.ts';
import '../../../src/schedules/piecewise.ts';
import '../../../src/schedules/step_decay.ts';
import { UsageError } from '../../../src/core/errors.ts';
import { declared } from '../../../src/registry/registry.ts';

function make(name: string, values: Record<string, unknown>): Schedule {
	const { parameters, target } = declared.get(name);
	return new target(parameters.parse(values)) as Schedule;
}

/** The clock at a step of a run of `nEpochs` epochs of `perEpoch` steps. */
function clock(step: number, nEpochs: number, perEpoch: number): Clock {
	return {
		step,
		epoch: Math.floor(step / perEpoch) + (step % perEpoch) / perEpoch,
		nEpochs,
		totalSteps: nEpochs * perEpoch,
	};
}

function course(schedule: Schedule, nEpochs: number, perEpoch: number): number[] {
	return Array.from({ length: nEpochs * perEpoch + 1 }, (_, step) => schedule.value(clock(step, nEpochs, perEpoch)));
}

const run = { nEpochs: fc.integer({ min: 1, max: 12 }), perEpoch: fc.integer({ min: 1, max: 9 }) };
const unit = fc.constantFrom('step', 'epoch');
const falls = (all: number[]) => all.every((value, at) => at === 0 || value <= all[at - 1]!);

const decaying: [string, Record<string, unknown>, number | undefined][] = [
	['linear', { initial: 2, final: 0.5 }, 0.5],
	['cosine', { initial: 2, final: 0.25 }, 0.25],
	['exponential', { initial: 2, rate: 0.7 }, undefined],
	['step_decay', { initial: 2, factor: 0.5, every: 2 }, undefined],
];
for (const [name, values, final] of decaying) {
	test(`${name} starts at initial, never rises, changes only when asked, and ends at final`, (t) => {
		fc.assert(
			fc.property(run.nEpochs, run.perEpoch, unit, (nEpochs, perEpoch, by) => {
				const all = course(make(name, { ...values, by }), nEpochs, perEpoch);
				t.is(all[0], 2);
				t.true(falls(all));
				t.is(all.at(-1), final ?? all.at(-1));
				if (by === 'epoch') {
					all.forEach((value, step) => {
						t.is(value, all[step - (step % perEpoch)]!);
					});
				}
			}),
		);
	});
}

test('the last step of a linear schedule is one step short of final', (t) => {
	t.deepEqual(course(make('linear', { initial: 4, final: 0 }), 2, 2), [4, 3, 2, 1, 0]);
	t.deepEqual(course(make('linear', { initial: 4, final: 0, by: 'epoch' }), 2, 2), [4, 4, 2, 2, 0]);
	t.deepEqual(course(make('linear', { initial: 4, final: 0, over: 1 }), 2, 2), [4, 2, 0, 0, 0]);
	t.deepEqual(course(make('linear', { initial: 4, final: 0, over: '2 steps' }), 2, 2), [4, 2, 0, 0, 0]);
});

test('cosine climbs in its warm-up and passes half way in the middle of the rest', (t) => {
	const all = course(make('cosine', { initial: 1, warmup: 1 }), 5, 4);
	t.deepEqual(all.slice(0, 5), [0, 0.25, 0.5, 0.75, 1]);
	t.true(Math.abs(all[12]! - 0.5) < 1e-12);
	t.is(all[20], 0);
	t.deepEqual(course(make('cosine', { initial: 1, warmup: '4 steps' }), 5, 4), all);
});

test('exponential and step_decay multiply per span, down to their minimum', (t) => {
	const smooth = make('exponential', { initial: 8, rate: 0.25, every: 2, minimum: 1 });
	t.deepEqual(course(smooth, 4, 1), [8, 4, 2, 1, 1]);
	t.deepEqual(course(make('step_decay', { initial: 8, factor: 0.5, every: 2 }), 4, 1), [8, 8, 4, 4, 2]);
	t.deepEqual(course(make('step_decay', { initial: 8, factor: 0.5, every: '3 steps' }), 2, 3), [8, 8, 8, 4, 4, 4, 2]);
});

test('one_cycle rises to its peak and falls to its end', (t) => {
	const all = course(make('one_cycle', { peak: 1, rise: 0.5, initial_divisor: 10, final_divisor: 100 }), 4, 2);
	t.is(all[0], 0.1);
	t.is(all[4], 1);
	t.is(all[8], 0.001);
	t.true(falls(all.slice(4)) && falls(all.slice(0, 5).reverse()));
});

test('piecewise follows its table, in both spellings, and the last value holds', (t) => {
	const table = [1, 1, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1];
	const pairs = make('piecewise', {
		values: [
			[2, 1],
			[5, 0.5],
			[6, 0.1],
		],
	});
	t.deepEqual(course(pairs, 7, 1), table);
	const dicts = make('piecewise', { values: [{ until: 2, value: 1 }, [5, 0.5], { until: 6, value: 0.1 }] });
	t.deepEqual(course(dicts, 7, 1), table);
	t.throws(
		() =>
			make('piecewise', {
				values: [
					[5, 1],
					[5, 2],
				],
			}),
		{ instanceOf: UsageError, message: /entry 2 ends at 5/ },
	);
});

test('piecewise changes at the step of a fraction, or at the next epoch where it is asked to', (t) => {
	const values = [
		[1.3, 3],
		[2.7, 2],
		[3, 1],
	];
	const tenths = (by?: string) => course(make('piecewise', { values, ...(by && { by }) }), 3, 10);
	const stretch = (value: number, steps: number) => new Array<number>(steps).fill(value);
	t.deepEqual(tenths(), [...stretch(3, 13), ...stretch(2, 14), ...stretch(1, 4)]);
	t.deepEqual(tenths('epoch'), [...stretch(3, 20), ...stretch(2, 10), 1]);
});

test('a cosine that is all warm-up says so', (t) => {
	const said = (values: Record<string, unknown>) => make('cosine', { initial: 1, ...values }).notices(clock(0, 5, 4));
	t.regex(said({ warmup: 9 })[0]!, /warm-up lasts 9 epochs and all of it 5/);
	t.regex(said({ warmup: '40 steps', over: 2 })[0]!, /warm-up lasts 10 epochs and all of it 2/);
	t.deepEqual([...said({ warmup: 4.9 }), ...said({ over: 0 })], []);
});

test('constant is constant', (t) => {
	t.deepEqual([...new Set(course(make('constant', { value: 0.3 }), 3, 3))], [0.3]);
});

test('spans that are empty or of unknown units are refused', (t) => {
	for (const every of [0, -1, '0 steps', '3 parsecs', '-2 epochs']) {
		t.throws(() => make('step_decay', { initial: 1, every }), undefined, String(every));
	}
	t.true(make('step_decay', { initial: 1, every: '0.5 epochs' }) instanceof Schedule);
});
