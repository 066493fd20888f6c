import type { ColumnInfo } from './catalog.ts';

/** A kind of component: what a reference may name where a parameter asks for one. `T` is the kind's contract. */
export interface Kind<T> {
	/** Singular, as users say it: `model`, `dataset`, `callback`. */
	readonly name: string;
	/** The folder under `src/` whose files each declare one component of this kind. */
	readonly folder: string | undefined;
	/** One sentence for `list` and the reference page. */
	readonly description: string;
	/** The columns of a component that declares none itself; undefined where only an instance knows. */
	readonly columns?: (target: unknown) => readonly ColumnInfo[] | undefined;
	/** Only carries the contract's type; never set. */
	readonly contract?: T;
}

const kinds = new Map<string, Kind<unknown>>();

/** Declares a kind once; declaring the same name again is a programming error. */
export function defineKind<T>(
	name: string,
	folder: string | undefined,
	description: string,
	columns?: Kind<T>['columns'],
): Kind<T> {
	if (kinds.has(name)) {
		throw new Error(`The kind "${name}" is declared twice.`);
	}
	const kind: Kind<T> = { name, folder, description, ...(columns === undefined ? {} : { columns }) };
	kinds.set(name, kind);
	return kind;
}

/** Every declared kind, in order of declaration. */
export function allKinds(): ReadonlyArray<Kind<unknown>> {
	return [...kinds.values()];
}

/** Functions with declared parameters, such as `train` and `training_loop`. */
export const functionKind = defineKind<unknown>(
	'function',
	undefined,
	'A configurable function of the programs themselves.',
);
