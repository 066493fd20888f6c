const mib = 2 ** 20;

/** The most that is read of a file of a run folder, by kind, in bytes. Tables and events are read in pieces. */
export const limits = {
	/** A JSON record of one state: status, lock, heartbeat. */
	note: mib,
	/** Any other JSON record, and texts: configs, sources. */
	record: 16 * mib,
	/** What a checkpoint holds besides tensors. */
	state: 64 * mib,
	/** The index of a tree of runs. */
	index: 64 * mib,
	/** Every attempt of one runner at the jobs of a list. */
	journal: 128 * mib,
	/** The tensors of a checkpoint: what one buffer of the language holds. */
	tensors: 2 ** 31 - 1,
} as const;

/** How many brackets of a JSON text may be open at once. */
export const deepest = 100;
