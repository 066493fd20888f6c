import type { Span } from '../gin/ast.ts';
import type { Bound, Effective } from './lookup.ts';

/** Where a value comes from. */
export type Origin =
	| { readonly type: 'default' }
	| {
			readonly type: 'file' | 'bindings' | 'text';
			readonly source: string;
			readonly line: number;
			readonly column: number;
	  };

/** The origin of a parameter's value. */
export function originOf({ bound }: Pick<Effective, 'bound'>): Origin {
	return bound === undefined ? { type: 'default' } : placeOf(bound.binding.span);
}

/** File, line and column of a place in a config; both count from 1. */
export function placeOf({ source, start }: Span): Exclude<Origin, { type: 'default' }> {
	const lineStart = source.text.lastIndexOf('\n', start - 1) + 1;
	let line = 1;
	for (let at = source.text.indexOf('\n'); at !== -1 && at < lineStart; at = source.text.indexOf('\n', at + 1)) {
		line++;
	}
	const column = [...source.text.slice(lineStart, start)].length + 1;
	return { type: source.kind, source: source.name, line, column };
}

/** `default`, `configs/cnn.gin:12:1`, `-b 1:1:1`. */
export function showOrigin(origin: Origin): string {
	return origin.type === 'default' ? 'default' : `${origin.source}:${origin.line}:${origin.column}`;
}

/** `cnn.filters from a.gin:2:1` */
export function showBound({ component, parameter, binding }: Bound): string {
	return `${component.name}.${parameter.name} from ${showOrigin(placeOf(binding.span))}`;
}
