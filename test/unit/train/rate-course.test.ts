import test from 'ava';
import '../../../src/schedules/cosine.ts';
import '../../../src/schedules/linear.ts';
import '../../../src/schedules/piecewise.ts';
import { UsageError } from '../../../src/core/errors.ts';
import { declared } from '../../../src/registry/registry.ts';
import type { Schedule } from '../../../src/train/contracts/schedule.ts';
import { courseNotices, requireRates, type Spans } from '../../../src/train/rate-course.ts';
import { clockAt, cutSpan, wholeSpan } from '../../../src/train/span.ts';

function make(name: string, values: Record<string, unknown>): Schedule {
	const { parameters, target } = declared.get(name);
	return new target(parameters.parse(values)) as Schedule;
}

const span = wholeSpan(10, 4);

test('a rate below 0 or without end is refused wherever it comes, with its step', (t) => {
	const refused = (schedule: Schedule) =>
		t.throws(() => requireRates('adam.learning_rate', schedule, span), { instanceOf: UsageError });
	t.regex(
		refused(make('linear', { initial: 1, final: -1 }))!.message,
		/^adam\.learning_rate: .* gives -0\.05.* at step 21;/,
	);
	t.regex(
		refused(
			make('piecewise', {
				values: [
					[3.9, 1],
					[4, -0.5],
				],
			}),
		)!.message,
		/gives -0\.5 at step 39;/,
	);
	t.regex(refused(make('linear', { initial: 1e308, final: -1e308, over: 1e-9 }))!.message, /gives NaN at step 0/);
	t.notThrows(() => requireRates('adam.learning_rate', make('cosine', { initial: 1, final: 0 }), span));
	t.notThrows(() => requireRates('adam.learning_rate', 0, span));
});

test('a schedule without an end of its own ends with the limit of steps, in the middle of an epoch too', (t) => {
	const limited = cutSpan(span, 25);
	const linear = make('linear', { initial: 1, final: 0 });
	t.deepEqual(
		[0, 5, 24, 25].map((step) => Number(linear.value(clockAt(limited, step)).toFixed(12))),
		[1, 0.8, 0.04, 0],
	);
	const steps = make('linear', { initial: 1, final: 0, over: '10 steps' });
	t.is(steps.value(clockAt(limited, 5)), steps.value(clockAt(span, 5)));
	t.deepEqual(cutSpan(span, 40), span);
});

test('what a schedule spans is said where a limit, more epochs or an older run changes it', (t) => {
	const cosine = make('cosine', { initial: 1 });
	const said = (schedule: Schedule | number, change: Partial<Spans>) =>
		courseNotices(schedule, { now: span, before: span, whole: span, limited: span, isTimed: false, ...change });
	t.deepEqual(said(cosine, {}), []);
	const short = cutSpan(span, 25);
	t.regex(said(cosine, { now: short, before: short, limited: short })[0]!, /max_steps: it spans 25 steps/);
	t.regex(said(cosine, { before: wholeSpan(10, 2) })[0]!, /another curve .* 2 epochs before and 4 epochs now/);
	t.regex(said(cosine, { limited: short })[0]!, /goes on to span 4 epochs, as this run began; .* 25 steps/);
	t.regex(said(cosine, { isTimed: true })[0]!, /spans 4 epochs; where training_loop\.train_for/);
	const fixed = make('cosine', { initial: 1, over: 1 });
	const all = { now: short, before: wholeSpan(10, 2), limited: cutSpan(span, 30), isTimed: true };
	t.deepEqual([...said(fixed, all), ...said(0.1, all)], []);
});
