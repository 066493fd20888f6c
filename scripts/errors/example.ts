/** One error code of the language: how it comes about, ready to be run. */
export interface Example {
	readonly code: string;
	/** What it means and what to do, in one sentence. */
	readonly about: string;
	/** File names and texts; `example.gin` is the config. */
	readonly files?: Readonly<Record<string, string>>;
	/** Arguments of `bin/config.ts`; `check base.gin example.gin --together` when left out. */
	readonly args?: readonly string[];
	/** Files that are too long to show are described by this instead. */
	readonly shown?: string;
	/** What text cannot make: done in the example's folder before the program starts. */
	readonly prepare?: (folder: string) => void;
	/** The program, where it is not `bin/config.ts`. */
	readonly program?: 'list';
	/** Done instead of starting a program; what it throws is what the program would say. */
	readonly run?: () => Promise<unknown>;
}

/** An example whose whole config is one text. */
export function gin(code: string, about: string, text: string, more: Partial<Example> = {}): Example {
	return { code, about, files: { 'example.gin': `${text}\n` }, ...more };
}
