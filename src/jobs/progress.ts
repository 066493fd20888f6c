import { visible } from '../core/visible.ts';
import { Eta, showSeconds } from './eta.ts';
import type { Job } from './list.ts';
import type { Observer } from './observer.ts';
import { type Outcome, secondsOf } from './outcome.ts';

/** Where progress is shown. */
export interface Screen {
	write(text: string): unknown;
	readonly isTTY?: boolean;
	readonly columns?: number;
	readonly rows?: number;
}

export interface ProgressOptions {
	readonly screen: Screen;
	readonly total: number;
	readonly slots: number;
	/** Where the log of an attempt is, as it should be shown. */
	readonly logOf: (name: string, attempt: number) => string;
	/** Says nothing about jobs that end well. */
	readonly isQuiet?: boolean;
}

interface Row {
	readonly job: Job;
	readonly attempt: number;
	readonly since: number;
}

/** Shows a list at work: a line for each job that ends and, on a terminal, a table of those that run below them. */
export class Progress implements Observer {
	readonly #options: ProgressOptions;
	readonly #running = new Map<string, Row>();
	readonly #elsewhere = new Set<string>();
	readonly #eta = new Eta();
	#lines: string[] = [];
	#drawn = 0;
	#done = 0;
	#failed = 0;
	#clock: NodeJS.Timeout | undefined;
	#timer: NodeJS.Timeout | undefined;

	constructor(options: ProgressOptions) {
		this.#options = options;
		if (options.screen.isTTY) {
			this.#clock = setInterval(() => this.#draw(), 500);
		}
	}

	started(job: Job, attempt: number): void {
		this.#elsewhere.delete(job.key);
		this.#running.set(job.key, { job, attempt, since: Date.now() });
	}

	ended(job: Job, outcome: Outcome, again: boolean): void {
		this.#running.delete(job.key);
		const seconds = secondsOf(outcome);
		if (outcome.state === 'ok') {
			this.#eta.add(seconds);
		}
		if (!again) {
			this.#count(outcome);
		}
		if (outcome.state !== 'ok' || !this.#options.isQuiet) {
			this.say(this.#lineOf(job, outcome, seconds, again));
		}
	}

	elsewhere(job: Job, orphan: number | undefined): void {
		if (!this.#elsewhere.has(job.key)) {
			this.#elsewhere.add(job.key);
			const who =
				orphan === undefined ? 'another runner' : `process ${orphan}, left by a runner that died; waiting for its end`;
			this.say(`elsewhere    line ${job.line}  ${job.name}  (${who})`);
		}
	}

	endedElsewhere(job: Job, outcome: Outcome): void {
		this.#elsewhere.delete(job.key);
		this.#count(outcome);
		if (outcome.state !== 'ok' || !this.#options.isQuiet) {
			this.say(`${outcome.state.padEnd(11)}  line ${job.line}  ${job.name}  (by another runner)`);
		}
	}

	notice(job: Job | undefined, text: string): void {
		this.say(job === undefined ? `notice: ${text}` : `notice       line ${job.line}  ${job.name}  ${text}`);
	}

	/** A line that stays. */
	say(text: string): void {
		this.#lines.push(text);
		this.#timer ??= setTimeout(() => this.#draw(), 50);
	}

	/** Writes what is left and takes the table away. */
	close(): void {
		clearInterval(this.#clock);
		this.#clock = undefined;
		this.#running.clear();
		this.#draw();
	}

	#count({ state }: Outcome): void {
		this.#done += state === 'ok' ? 1 : 0;
		this.#failed += state === 'ok' || state === 'interrupted' || state === 'again' ? 0 : 1;
	}

	#lineOf(job: Job, { state, code, signal, attempt }: Outcome, seconds: number, again: boolean): string {
		const why = signal !== null ? ` by ${signal}` : code !== 0 && code !== null ? ` with ${code}` : '';
		const log = state === 'ok' ? '' : `  ${this.#options.logOf(job.name, attempt)}`;
		const more = again ? '  (again)' : '';
		return `${`${state}${why}`.padEnd(11)}  line ${job.line}  ${job.name}  ${showSeconds(seconds)}${more}${log}`;
	}

	#draw(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const { screen } = this.#options;
		const lines = this.#lines.map((line) => `${visible(line)}\n`).join('');
		this.#lines = [];
		if (!screen.isTTY) {
			screen.write(lines);
			return;
		}
		// Up to the first line of the table, which the new lines and the new table replace.
		const up = this.#drawn === 0 ? '' : `\x1b[${this.#drawn}A\r\x1b[J`;
		const table = this.#clock === undefined ? [] : this.#table();
		this.#drawn = table.length;
		screen.write(`${up}${lines}${table.map((row) => `${row}\n`).join('')}`);
	}

	#table(): string[] {
		const { screen, total, slots } = this.#options;
		const now = Date.now();
		const ages = [...this.#running.values()].map(({ since }) => (now - since) / 1000);
		const waiting = total - this.#done - this.#failed - this.#running.size - this.#elsewhere.size;
		const left = this.#eta.left(Math.max(0, waiting), ages, slots);
		const parts = [
			`${this.#done} of ${total} done`,
			...(this.#failed === 0 ? [] : [`${this.#failed} failed`]),
			`${this.#running.size} running`,
			...(this.#elsewhere.size === 0 ? [] : [`${this.#elsewhere.size} elsewhere`]),
			...(left === undefined ? [] : [`${showSeconds(left)} left`]),
		];
		const room = Math.max(1, Math.min(20, (screen.rows ?? 24) - 3));
		const rows = [...this.#running.values()].slice(0, room).map(({ job, attempt }, index) => {
			const again = attempt === 1 ? '' : ` attempt ${attempt}`;
			return `  ${showSeconds(ages[index]!).padStart(12)}  line ${job.line}  ${job.name}${again}`;
		});
		const hidden = this.#running.size - rows.length;
		const rest = hidden > 0 ? [`  and ${hidden} more`] : [];
		return [parts.join(' · '), ...rows, ...rest].map((row) => visible(row).slice(0, (screen.columns ?? 80) - 1));
	}
}
