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

/** What an error ends is a problem; what else there is to check is checked all the same. */
export function attempt({ problems }: Findings, check: () => void): void {
	try {
		check();
	} catch (error) {
		problems.push((error as Error).message);
	}
}
