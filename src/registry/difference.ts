import { own } from '../core/own.ts';
import type { Operative, OperativeParameter } from './operative.ts';
import { showOrigin } from './origin.ts';

/** One parameter, or one whole component, that two configs do not agree on. */
export interface Difference {
	/** `scope/component` */
	readonly component: string;
	/** Undefined where only one of the configs has the component. */
	readonly parameter: string | undefined;
	readonly before: OperativeParameter | undefined;
	readonly after: OperativeParameter | undefined;
	/** Which of them has the component. */
	readonly only: 'before' | 'after' | undefined;
	/** May change when a run is continued. */
	readonly free: boolean;
}

/** Where two effective configs differ in meaning, sorted by component and parameter. */
export function diffConfigs(before: Operative, after: Operative): Difference[] {
	const names = [...new Set([...Object.keys(before.components), ...Object.keys(after.components)])].sort();
	return names.flatMap((component): Difference[] => {
		const a = own(before.components, component)?.parameters;
		const b = own(after.components, component)?.parameters;
		if (a === undefined || b === undefined) {
			const only = b === undefined ? 'before' : 'after';
			return [{ component, parameter: undefined, before: undefined, after: undefined, only, free: false }];
		}
		return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort().flatMap((parameter) => {
			const [old, now] = [own(a, parameter), own(b, parameter)];
			const free = old?.free === true || now?.free === true;
			const isAdded = (old === undefined && now?.added) || (now === undefined && old?.added);
			// What one of them does not record cannot be compared.
			const isUnknown = old !== undefined && now !== undefined && old.masked !== now.masked;
			const isSame = old?.text === now?.text || isAdded || isUnknown;
			return isSame ? [] : [{ component, parameter, before: old, after: now, only: undefined, free }];
		});
	});
}

/** Lines that, bound last, make the first config mean what the second one does; what only the first has is no longer built. */
export function differenceBindings(differences: readonly Difference[], after: Operative): string[] {
	return differences.flatMap(({ component, parameter, before, after: now, only }) => {
		if (parameter !== undefined) {
			return lineOf(`${component}.${parameter}`, now, before);
		}
		const added = only === 'after' ? Object.entries(after.components[component]!.parameters) : [];
		return added
			.filter(([, { origin }]) => origin.type !== 'default')
			.flatMap(([name, value]) => lineOf(`${component}.${name}`, value, undefined));
	});
}

function lineOf(key: string, now: OperativeParameter | undefined, before: OperativeParameter | undefined): string[] {
	if (now === undefined) {
		return before?.origin.type === 'default' ? [] : [`unset ${key}`];
	}
	return [now.masked ? `# ${key} is a secret, which is not recorded` : `${key} = ${now.text}`];
}

/** `adam.rate: 0.001 (a.gin:3:1) -> 0.01 (-b 1, binding 1, column 1)`; `sides` are the names of the two configs. */
export function showDifference(
	{ component, parameter, before, after, only }: Difference,
	sides: { readonly before: string; readonly after: string } = { before: 'the first', after: 'the second' },
): string {
	return parameter === undefined
		? `${component}: only in ${sides[only!]}`
		: `${component}.${parameter}: ${showSide(before)} -> ${showSide(after)}`;
}

function showSide(side: OperativeParameter | undefined): string {
	return side === undefined ? 'not set' : `${side.text} (${showOrigin(side.origin)})`;
}
