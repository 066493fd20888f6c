/** How strict a reading is. Programs have everything on. */
export interface Policy {
	/** Values are compared with what their parameters take. */
	readonly types: boolean;
	/** Bindings and macros without effect are errors. */
	readonly unused: boolean;
	/** Lines that another line of their text takes the place of, or that add nothing, are errors; else worth a notice. */
	readonly duplicates: boolean;
	/** Bindings of components that do not exist: an error, or passed over, all of them or those listed. */
	readonly unknown: 'error' | 'skip' | ReadonlySet<string>;
	/** Nothing is said of what comes after the first mistake. */
	readonly atFirst: boolean;
}

/** Everything is checked, and every mistake is reported. */
export const strict: Policy = { types: true, unused: true, duplicates: true, unknown: 'error', atFirst: false };

/** Whether a binding of an unknown component is passed over. */
export function isPassedOver(selector: string, unknown: Policy['unknown']): boolean {
	return unknown === 'skip' || (unknown !== 'error' && unknown.has(selector));
}
