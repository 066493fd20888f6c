/** A text with a name: a file, a `-b` argument, or a string given by code. */
export interface Source {
	/** What messages call it: a path, `-b 1`, or any label. */
	readonly name: string;
	readonly kind: 'file' | 'bindings' | 'text';
	readonly text: string;
	/** Messages name its lines but do not show them: it may not be a config. */
	readonly isHidden?: boolean;
}

/** A half-open range of UTF-16 offsets in a source. Lines and columns are computed only when a message needs them. */
export interface Span {
	readonly source: Source;
	readonly start: number;
	readonly end: number;
}
