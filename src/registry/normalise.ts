import type { Value } from '../gin/ast.ts';
import { builtin } from '../gin/model/builtins.ts';
import { keyIdentity } from '../gin/values.ts';
import { optionsOf } from './component-types.ts';
import type { Lookup, ValueMeaning } from './lookup.ts';
import { entryType, itemType } from './plain.ts';
import { anyType, type TypeSpec } from './type-spec.ts';

/**
 * The one form of all values that mean the same: macros replaced, names as references with complete names, tuples as
 * lists, numbers of float parameters as floats, dict entries sorted.
 */
export function normalise(value: Value, type: TypeSpec, { reading }: Lookup): Value {
	return new Normaliser().normal(reading.of(value, type), type);
}

class Normaliser {
	readonly #known = new Map<ValueMeaning, Map<TypeSpec, Value>>();

	normal(meaning: ValueMeaning, type: TypeSpec): Value {
		if (meaning.is === 'plain') {
			return plainForm(meaning.value, type);
		}
		const byType = this.#known.get(meaning) ?? new Map<TypeSpec, Value>();
		this.#known.set(meaning, byType);
		const value = byType.get(type) ?? this.#form(meaning, type);
		byType.set(type, value);
		return value;
	}

	#form(meaning: Exclude<ValueMeaning, { is: 'plain' }>, type: TypeSpec): Value {
		switch (meaning.is) {
			case 'macro':
			case 'constant':
				return this.normal(meaning.stands, type);
			case 'sequence': {
				const items = meaning.items.map((item, index) => this.normal(item, itemType(type, index, meaning.value)));
				return { type: 'list', items };
			}
			case 'dict': {
				const entries = meaning.entries.map(([key, entry]) => {
					const name = this.normal(key, anyType);
					const inner = entryType(type, name.type === 'string' ? name.value : '', meaning.value);
					return [name, this.normal(entry, inner)] as const;
				});
				const identity = (key: Value) => keyIdentity(key) ?? '';
				return { type: 'dict', entries: entries.toSorted(([a], [b]) => (identity(a) < identity(b) ? -1 : 1)) };
			}
			case 'component':
				return { type: 'reference', scope: meaning.scope ?? '', selector: meaning.name, evaluate: meaning.called };
			case 'shared':
				return { type: 'reference', scope: meaning.key ?? '', selector: builtin.singleton, evaluate: meaning.called };
			default:
				return bare(meaning.value);
		}
	}
}

function plainForm(value: Value, type: TypeSpec): Value {
	return value.type === 'int' && isFloat(type) ? { type: 'float', value: Number(value.value) } : bare(value);
}

function isFloat(type: TypeSpec): boolean {
	const options = optionsOf(type);
	return options.some((option) => option.type === 'float') && !options.some((option) => option.type === 'int');
}

function bare<T extends Value>(value: T): T {
	const { span: _, ...rest } = value;
	return rest as T;
}
