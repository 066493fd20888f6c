import type { Job } from './list.ts';
import type { Outcome } from './outcome.ts';

/** Told of everything that happens; shows it, or not. */
export interface Observer {
	started(job: Job, attempt: number): void;
	/** `again`: another attempt follows. */
	ended(job: Job, outcome: Outcome, again: boolean): void;
	/** Another runner on the list has it. */
	elsewhere(job: Job, orphan: number | undefined): void;
	/** Another runner has ended it. */
	endedElsewhere(job: Job, outcome: Outcome): void;
	/** Something about it that is no end. */
	notice(job: Job | undefined, text: string): void;
}
