/** What a verification has found so far. */
export interface Findings {
	readonly problems: string[];
	readonly notes: string[];
	files: number;
}

/** What a checkpoint says of the files that grow: at least so much must be there. */
export interface Instant {
	readonly checkpoint: string;
	readonly historyRows: number;
	readonly stepRows: number;
	readonly eventBytes: number;
	/** Saved in the middle of an epoch. */
	readonly isInEpoch: boolean;
}
