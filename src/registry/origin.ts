import type { Span } from '../gin/ast.ts';
import { formatPosition, positionOf } from '../gin/positions.ts';
import type { Bound, Effective } from './lookup.ts';

/** Where a value comes from. */
export type Origin = { readonly type: 'default' } | Place;

/** A place in a config; line and column count from 1. */
export interface Place {
	readonly type: 'file' | 'bindings' | 'text';
	/** A path, `-b 1`, `--use model=vae` or a label. */
	readonly source: string;
	readonly line: number;
	readonly column: number;
	/** The scope of the binding, empty at the top. */
	readonly scope?: string;
	/** As messages say it: `configs/cnn.gin:12:1`, `-b 1, binding 2, column 1`. */
	readonly shown: string;
}

/** The origin of a parameter's value. */
export function originOf({ bound }: Pick<Effective, 'bound'>): Origin {
	return bound === undefined ? { type: 'default' } : placeOf(bound.binding.span, bound.binding.scope);
}

/** Where a span begins. */
export function placeOf(span: Span, scope?: string): Place {
	const { source, start } = span;
	const { line, column } = positionOf(source, start);
	const inScope = scope === undefined || scope === '' ? {} : { scope };
	return { type: source.kind, source: source.name, line, column, ...inScope, shown: formatPosition(span) };
}

/** `default`, `configs/cnn.gin:12:1`, `-b 1, binding 2, column 1`. */
export function showOrigin(origin: Origin): string {
	return origin.type === 'default' ? 'default' : origin.shown;
}

/** `cnn.filters from a.gin:2:1` */
export function showBound({ component, parameter, binding }: Bound): string {
	return `${component.name}.${parameter.name} from ${showOrigin(placeOf(binding.span))}`;
}
