import type { Value } from '../gin/ast.ts';

/** A value as a message names it: `string "5"`, `float 5.0`, `None`, `list of 3`. */
export function showValue(value: Value): string {
	switch (value.type) {
		case 'none':
			return 'None';
		case 'bool':
			return value.value ? 'True' : 'False';
		case 'int':
			return `integer ${value.value}`;
		case 'float':
			return `float ${Number.isInteger(value.value) && Math.abs(value.value) < 1e16 ? value.value.toFixed(1) : value.value}`;
		case 'string':
			return `string ${JSON.stringify(value.value)}`;
		case 'bytes':
			return 'bytes';
		case 'complex':
			return 'complex number';
		case 'list':
		case 'tuple':
			return `${value.type} of ${value.items.length}`;
		case 'dict':
			return `dict of ${value.entries.length}`;
		case 'reference':
			return `reference @${value.scope === '' ? '' : `${value.scope}/`}${value.selector}${value.evaluate ? '()' : ''}`;
		case 'macro':
			return `macro %${value.scope === '' ? '' : `${value.scope}/`}${value.name}`;
		case 'env':
			return `env(${JSON.stringify(value.name)})`;
		case 'call':
			return `the call ${value.name}(…)`;
	}
}
