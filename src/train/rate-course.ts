import { UsageError } from '../core/errors.ts';
import { Schedule, valueAt } from './contracts/schedule.ts';
import { clockAt, cutSpan, type Span } from './span.ts';

// A longer training is looked at in so many places, evenly spaced.
const mostPlaces = 20_000;

/** Refuses a rate that is below 0 or no number anywhere in training; `who` is its parameter. */
export function requireRates(who: string, rate: number | Schedule, span: Span): void {
	for (const step of places(span.totalSteps)) {
		const value = valueAt(rate, clockAt(span, step));
		if (!isRate(value)) {
			throw new UsageError(
				'schedule.rate',
				`${who}: the schedule gives ${value} at step ${step}; a learning rate is a finite number ≥ 0.`,
			);
		}
	}
}

/** Whether a number can be a learning rate. */
export function isRate(value: number): boolean {
	return value >= 0 && Number.isFinite(value);
}

/** How long schedules may take a training to be. */
export interface Spans {
	/** What counts. */
	readonly now: Span;
	/** What counted in the session before; the same where there was none. */
	readonly before: Span;
	/** All epochs, whatever the limit of steps. */
	readonly whole: Span;
	/** With the limit of steps, which runs begun long ago do not take into account. */
	readonly limited: Span;
	/** Whether training may end by the clock. */
	readonly isTimed: boolean;
}

/** What is to be said of a schedule when training starts or goes on. */
export function courseNotices(rate: number | Schedule, { now, before, whole, limited, isTimed }: Spans): string[] {
	if (!(rate instanceof Schedule)) {
		return [];
	}
	const notices = [...rate.notices(clockAt(now, 0))];
	if (differs(rate, before, now)) {
		notices.push(
			`The learning rate goes on along another curve than the run began with: its schedule spans all of training, ` +
				`${shown(before)} before and ${shown(now)} now. The end differs from that of a run of this length.`,
		);
	} else if (differs(rate, whole, now)) {
		notices.push(`The schedule of the learning rate ends with training_loop.max_steps: it spans ${shown(now)}.`);
	}
	if (differs(rate, now, limited)) {
		notices.push(
			`The schedule of the learning rate goes on to span ${shown(now)}, as this run began; with training_loop.max_steps ` +
				`a new run's spans ${shown(limited)}.`,
		);
	}
	if (isTimed && isSpanning(rate, now)) {
		notices.push(
			`The schedule of the learning rate spans ${shown(now)}; where training_loop.train_for ends training before, ` +
				'it is cut off.',
		);
	}
	return notices;
}

/** Whether a rate depends on how long training is. */
export function isSpanning(rate: number | Schedule, span: Span): boolean {
	return rate instanceof Schedule && differs(rate, span, cutSpan(span, Math.ceil(span.totalSteps / 2)));
}

function differs(rate: Schedule, a: Span, b: Span): boolean {
	const last = Math.max(a.totalSteps, b.totalSteps);
	return (
		a.totalSteps !== b.totalSteps &&
		places(last, 100).some((step) => rate.value(clockAt(a, step)) !== rate.value(clockAt(b, step)))
	);
}

function places(totalSteps: number, most = mostPlaces): number[] {
	const last = Math.max(0, totalSteps - 1);
	const count = Math.min(last + 1, most);
	return Array.from({ length: count }, (_, at) => (count === 1 ? 0 : Math.round((at * last) / (count - 1))));
}

function shown({ nEpochs, totalSteps }: Span): string {
	return Number.isInteger(nEpochs) ? `${nEpochs} ${nEpochs === 1 ? 'epoch' : 'epochs'}` : `${totalSteps} steps`;
}
