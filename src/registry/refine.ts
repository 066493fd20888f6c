import type { Value } from '../gin/ast.ts';
import { type JsValue, toJs } from '../gin/values.ts';
import type { Refine } from './check.ts';
import { joinScope, type Lookup } from './lookup.ts';
import type { Registry } from './registry.ts';

/** Asks the schemas themselves about plain values; components that are not loaded are not asked. */
export function refineWith(registry: Registry): Refine {
	return (component, parameter, value, lookup) => {
		const schema = registry.find(component)?.parameters.shape[parameter] as
			| {
					safeParse(value: unknown): {
						success: boolean;
						error?: { issues: Array<{ message: string; path: PropertyKey[] }> };
					};
			  }
			| undefined;
		const plain = plainValue(value, lookup);
		if (schema === undefined || plain === undefined) {
			return [];
		}
		const { error } = schema.safeParse(plain.value);
		return (
			error?.issues.map(({ message, path }) => `${path.map((step) => `[${String(step)}] `).join('')}${message}`) ?? []
		);
	};
}

// References are only known once built: such values are parsed then.
function plainValue(value: Value, lookup: Lookup): { readonly value: JsValue } | undefined {
	let isPlain = true;
	const convert = (other: Value, depth: number): JsValue => {
		if (other.type === 'macro' && depth < 50) {
			const stands = lookup.constant(other) ?? lookup.macro(joinScope(other.scope, other.name))?.value;
			if (stands !== undefined) {
				return toJs(stands, (inner) => convert(inner, depth + 1));
			}
		}
		isPlain = false;
		return null;
	};
	const plain = toJs(value, (other) => convert(other, 0));
	return isPlain ? { value: plain } : undefined;
}
