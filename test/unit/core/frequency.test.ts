import test from 'ava';
import { UsageError } from '../../../src/core/errors.ts';
import { Periodic, type Progress, parseDuration, parseFrequency } from '../../../src/core/frequency.ts';

for (const [text, unit, every] of [
	['500 steps', 'steps', 500],
	['1 step', 'steps', 1],
	['500steps', 'steps', 500],
	['  128   Examples ', 'examples', 128],
	['0.5 epochs', 'epochs', 0.5],
	['1 epochs', 'epochs', 1],
	['1 epoch', 'epochs', 1],
	['10 seconds', 'seconds', 10],
	['0.25s', 'seconds', 0.25],
	['10 minutes', 'seconds', 600],
	['1h30m', 'seconds', 5400],
	['1 h 30 min', 'seconds', 5400],
	['4h50m', 'seconds', 17_400],
	['2d', 'seconds', 172_800],
] as const) {
	test(`'${text}' is every ${every} ${unit}`, (t) => {
		t.deepEqual(parseFrequency(text), { unit, every });
	});
}

for (const text of [
	'',
	' ',
	'500',
	'steps',
	'0 steps',
	'0 epochs',
	'0s',
	'-1 steps',
	'1.5 steps',
	'0.5 examples',
	'1e3 steps',
	'500 step s',
	'1h30',
	'30m1h',
	'1h 2h',
	'10 parsecs',
	'1 epoch 2 steps',
	'every 5 steps',
]) {
	test(`'${text}' is refused with what is allowed`, (t) => {
		const error = t.throws(() => parseFrequency(text), { instanceOf: UsageError });
		t.true(error!.message.includes(`'${text}'`));
		t.regex(error!.message, /'500 steps'.*'1h30m'/u);
		t.is(error!.exitCode, 2);
	});
}

test('a duration is a time, never a count', (t) => {
	t.is(parseDuration('2h'), 7200);
	t.is(parseDuration('1h30m'), 5400);
	t.is(parseDuration('90 minutes'), 5400);
	t.throws(() => parseDuration('5 epochs'), { instanceOf: UsageError, message: /not a duration/u });
	t.throws(() => parseDuration('5'), { instanceOf: UsageError });
});

test('steps: due at every multiple, not at the start', (t) => {
	t.deepEqual(
		dueSteps('3 steps', (step) => ({ ...zero, step }), 10),
		[3, 6, 9],
	);
});

test('examples: due at the first batch that crosses a multiple, once for several crossed', (t) => {
	t.deepEqual(
		dueSteps('100 examples', (step) => ({ ...zero, step, examples: step * 32 }), 10),
		[4, 7, 10],
	);
	t.deepEqual(
		dueSteps('10 examples', (step) => ({ ...zero, step, examples: step * 32 }), 3),
		[1, 2, 3],
	);
});

test('fractions of an epoch are exact in spite of rounding', (t) => {
	t.deepEqual(
		dueSteps('0.1 epochs', (step) => ({ ...zero, step, epoch: step / 30 }), 30),
		[3, 6, 9, 12, 15, 18, 21, 24, 27, 30],
	);
});

test('seconds: due when the clock has crossed a multiple', (t) => {
	t.deepEqual(
		dueSteps('10 seconds', (step) => ({ ...zero, step, seconds: step * 4 }), 10),
		[3, 5, 8, 10],
	);
});

test('a restored one goes on as if nothing had happened, at whatever step it was saved', (t) => {
	const at = (step: number) => ({ ...zero, step, examples: step * 7 });
	const whole = dueSteps('50 examples', at, 40);
	for (let stop = 0; stop <= 40; stop += 1) {
		const before = new Periodic('50 examples');
		const fired: number[] = [];
		for (let step = 0; step <= stop; step += 1) {
			if (before.due(at(step))) {
				fired.push(step);
			}
		}
		const after = new Periodic('50 examples');
		after.restore(JSON.parse(JSON.stringify(before.state())));
		for (let step = stop + 1; step <= 40; step += 1) {
			if (after.due(at(step))) {
				fired.push(step);
			}
		}
		t.deepEqual(fired, whole, `stopped at ${stop}`);
	}
});

test('restored with another frequency, it goes on from the same place', (t) => {
	const before = new Periodic('1 steps');
	for (let step = 0; step <= 1003; step += 1) {
		before.due({ ...zero, step, epoch: step / 100 });
	}
	const state = JSON.parse(JSON.stringify(before.state()));
	const rarer = new Periodic('1 epochs');
	rarer.restore(state);
	t.false(rarer.due({ ...zero, step: 1004, epoch: 10.04 }));
	t.true(rarer.due({ ...zero, step: 1100, epoch: 11 }));
	const oftener = new Periodic('2 steps');
	oftener.restore(state);
	t.true(oftener.due({ ...zero, step: 1004, epoch: 10.04 }));
	t.false(oftener.due({ ...zero, step: 1005, epoch: 10.05 }));
	const old = new Periodic('100 steps');
	old.restore({ done: 10 });
	t.false(old.due({ ...zero, step: 1004 }));
	t.true(old.due({ ...zero, step: 1100 }));
});

test('asked twice at one instant, it is due once', (t) => {
	const periodic = new Periodic({ unit: 'steps', every: 2 });
	t.true(periodic.due({ ...zero, step: 2 }));
	t.false(periodic.due({ ...zero, step: 2 }));
});

const zero: Progress = { step: 0, examples: 0, epoch: 0, seconds: 0 };

function dueSteps(frequency: string, at: (step: number) => Progress, last: number): number[] {
	const periodic = new Periodic(frequency);
	return [...new Array(last + 1).keys()].filter((step) => periodic.due(at(step)));
}
