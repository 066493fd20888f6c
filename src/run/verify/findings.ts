import type { Relied } from '../relied.ts';

/** What a verification has found so far. */
export interface Findings {
	readonly problems: string[];
	readonly notes: string[];
	files: number;
}

/** The checkpoint that a run would continue from, and what it relies on. */
export interface Instant extends Relied {
	readonly checkpoint: string;
}
