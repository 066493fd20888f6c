import { didYouMean } from '../core/suggest.ts';
import type { CallValue, Span, Value } from '../gin/ast.ts';
import { offered } from '../gin/extension-calls.ts';
import {
	type ComponentMeaning,
	type DictMeaning,
	type SharedMeaning,
	standsFor,
	type Trouble,
} from '../gin/model/meaning.ts';
import { joinScope } from '../gin/model/scopes.ts';
import { callPlaces } from './call-places.ts';
import { componentParts, isOuter, optionsOf } from './component-types.ts';
import type { Lookup, ValueMeaning } from './lookup.ts';
import { choiceOf, found, type Mismatch, rangeOf, stringOf, type Wrong, within, wrongType } from './mismatch.ts';
import { entryType, itemType } from './plain.ts';
import { showValue } from './show-value.ts';
import { anyType, describeType, type TypeSpec } from './type-spec.ts';
import { troubleOf } from './unresolved.ts';

/** Nobody reads more of what is wrong with one value. */
const mostOfOneValue = 20;

/** Compares what values mean with what their places take. Nothing is converted, so `5.0` and `"5"` are no integers. */
export class TypeCheck {
	readonly #lookup: Lookup;
	readonly #known = new Map<ValueMeaning, Map<TypeSpec, readonly Wrong[]>>();

	constructor(lookup: Lookup) {
		this.#lookup = lookup;
	}

	/** Everything wrong with a value for a type; `label` is what messages call the place, `span` where it is unless the value says. */
	mismatches(value: Value, type: TypeSpec, label: string, span: Span | undefined): Mismatch[] {
		return this.#check(this.#lookup.reading.of(value, type), type).map((wrong) => {
			const through =
				wrong.through.length === 0 ? '' : ` (through ${wrong.through.map((path) => `%${path}`).join(' -> ')})`;
			return {
				code: wrong.code,
				span: wrong.span ?? span,
				message: `${wrong.message(`${label}${wrong.at}`)}${through}`,
			};
		});
	}

	// The same value in the same place is wrong in the same way, however many macros lead there.
	#check(meaning: ValueMeaning, type: TypeSpec): readonly Wrong[] {
		if (meaning.is === 'plain') {
			return this.#plain(meaning.value, type);
		}
		let byType = this.#known.get(meaning);
		if (byType === undefined) {
			byType = new Map();
			this.#known.set(meaning, byType);
		}
		let wrong = byType.get(type);
		if (wrong === undefined) {
			wrong = this.#look(meaning, type).slice(0, mostOfOneValue);
			byType.set(type, wrong);
		}
		return wrong;
	}

	#look(meaning: Exclude<ValueMeaning, { is: 'plain' }>, type: TypeSpec): readonly Wrong[] {
		switch (meaning.is) {
			case 'required':
				return [];
			case 'macro':
				// The line that uses the macro stays the place: that is where the type comes from.
				return this.#check(meaning.stands, type).map((wrong) => ({
					...wrong,
					span: meaning.value.span,
					through: [meaning.bound.scope, ...wrong.through],
				}));
			case 'constant':
				return this.#check(meaning.stands, type).map((wrong) => ({
					...wrong,
					span: meaning.value.span,
					at: ` (%${meaning.name})${wrong.at}`,
				}));
			case 'trouble':
				return this.#trouble(meaning.value, meaning.trouble, type);
			case 'component':
				return this.#component(meaning, type);
			case 'shared':
				return this.#shared(meaning, type);
			case 'call':
				return this.#call(meaning.value, type);
			default:
				return type.type === 'union'
					? this.#union(meaning.value, type, (option) => this.#check(meaning, option))
					: this.#container(meaning, type);
		}
	}

	#plain(value: Value, type: TypeSpec): readonly Wrong[] {
		if (
			value.type === 'complex' ||
			(value.type === 'bytes' && !optionsOf(type).some((option) => option.type === 'any'))
		) {
			return [wrongType(value, type)];
		}
		switch (type.type) {
			case 'union':
				return this.#union(value, type, (option) => this.#plain(value, option));
			case 'any':
				return [];
			case 'int':
				if (value.type !== 'int') {
					return [wrongType(value, type)];
				}
				return typeof value.value === 'bigint'
					? [
							found(
								'config.out_of_range',
								value,
								(label) => `${label} expects ${describeType(type)} within ±2^53, got ${value.value}`,
							),
						]
					: rangeOf(value.value, value, type);
			case 'float':
				return value.type === 'int' || value.type === 'float'
					? rangeOf(Number(value.value), value, type)
					: [wrongType(value, type)];
			case 'string':
				return stringOf(value, type);
			case 'choice':
				return choiceOf(value, type);
			default:
				return value.type === type.type ? [] : [wrongType(value, type)];
		}
	}

	#union(value: Value, type: TypeSpec, check: (option: TypeSpec) => readonly Wrong[]): readonly Wrong[] {
		const options = optionsOf(type);
		const all = options.map(check);
		if (all.some((wrong) => wrong.length === 0)) {
			return [];
		}
		// An option of the right outer type knows best what is wrong inside the value.
		const fitting = options.flatMap((option, index) => (isOuter(value, option) ? [all[index]!] : []));
		return fitting.length === 1 ? fitting[0]! : [wrongType(value, type)];
	}

	#container(meaning: Extract<ValueMeaning, { is: 'sequence' | 'dict' }>, type: TypeSpec): readonly Wrong[] {
		if (type.type === 'any') {
			return meaning.is === 'sequence'
				? meaning.items.flatMap((item, index) => within(`[${index}]`, this.#check(item, anyType)))
				: [...this.#keys(meaning), ...meaning.entries.flatMap(([, entry]) => this.#check(entry, anyType))];
		}
		if (meaning.is === 'sequence' && (type.type === 'list' || type.type === 'tuple')) {
			const inner = meaning.items.flatMap((item, index) =>
				within(`[${index}]`, this.#check(item, itemType(type, index))),
			);
			return [...lengthOf(meaning.value, meaning.items.length, type), ...inner];
		}
		if (meaning.is === 'dict' && type.type === 'dict') {
			return this.#dict(meaning, type);
		}
		return meaning.is === 'dict' && type.type === 'object'
			? this.#object(meaning, type)
			: [wrongType(meaning.value, type)];
	}

	// Names in the keys of dicts are names too.
	#keys({ entries, dropped }: DictMeaning): Wrong[] {
		return [...entries.map(([key]) => key as ValueMeaning), ...(dropped as readonly ValueMeaning[])].flatMap((part) =>
			this.#check(part, anyType),
		);
	}

	#dict(meaning: DictMeaning, type: Extract<TypeSpec, { type: 'dict' }>): Wrong[] {
		const inner = meaning.entries.flatMap(([key, entry]): readonly Wrong[] => {
			const text = textOf(key as ValueMeaning);
			if (text === undefined) {
				const wrong = this.#check(key as ValueMeaning, anyType);
				return wrong.length > 0
					? wrong
					: [
							found(
								'config.wrong_type',
								key.value,
								(label) => `${label} expects strings as keys, got ${showValue(key.value)}`,
							),
						];
			}
			// Schemas drop this key without a word.
			return text === '__proto__'
				? [found('config.unknown_key', key.value, (label) => `${label} cannot have the key "__proto__"`)]
				: within(`[${JSON.stringify(text)}]`, this.#check(entry as ValueMeaning, type.value));
		});
		return [...inner, ...meaning.dropped.flatMap((part) => this.#check(part as ValueMeaning, anyType))];
	}

	#object(meaning: DictMeaning, type: Extract<TypeSpec, { type: 'object' }>): Wrong[] {
		const legal = Object.keys(type.fields);
		const present = new Set<string>();
		const inner = meaning.entries.flatMap(([key, entry]): readonly Wrong[] => {
			const text = textOf(key as ValueMeaning);
			if (text === undefined || !legal.includes(text)) {
				const shown = text ?? showValue(key.value);
				const near = didYouMean(shown, legal);
				return [
					found(
						'config.unknown_key',
						key.value,
						(label) => `${label} has no key "${shown}".${near} Allowed: ${legal.join(', ')}.`,
					),
				];
			}
			present.add(text);
			return within(`[${JSON.stringify(text)}]`, this.#check(entry as ValueMeaning, entryType(type, text)));
		});
		const absent = legal.filter((key) => type.fields[key]!.required && !present.has(key));
		const lacks = `lacks the key${absent.length === 1 ? '' : 's'} ${absent.join(', ')}`;
		return absent.length === 0
			? inner
			: [...inner, found('config.missing_key', meaning.value, (label) => `${label} ${lacks}`)];
	}

	#component({ value, name, called }: ComponentMeaning, type: TypeSpec): Wrong[] {
		const component = this.#lookup.catalog.component(name)!;
		if (optionsOf(type).some((option) => option.type === 'any')) {
			return [];
		}
		const parts = componentParts(type);
		const part = parts.find(({ kind }) => kind === component.kind);
		if (part === undefined) {
			return parts.length === 0 && value.type === 'string'
				? [wrongType(value, type)]
				: [this.#wrongKind(value, name, component.kind, type)];
		}
		if (part.factory === called && part.kind !== 'function') {
			const selector = value.type === 'reference' ? value.selector : name;
			const text = part.factory
				? `expects ${describeType(part)}: write @${selector}, without ()`
				: `expects a ${part.kind}, got the uncalled @${selector}: write @${selector}()`;
			return [found('config.wrong_call', value, (label) => `${label} ${text}`)];
		}
		return [];
	}

	#shared({ value, key, called }: SharedMeaning, type: TypeSpec): readonly Wrong[] {
		const path = joinScope(key ?? '', 'gin.singleton');
		const maker = this.#lookup.reading.maker(key ?? '');
		if (maker === undefined) {
			// Without a key of its own it is that of the scope in which it is asked for.
			const text = `@${path}() has no constructor: bind ${path}.constructor = @…`;
			return key === undefined ? [] : [found('config.singleton', value, () => text)];
		}
		const built = constructorOf(maker.meaning);
		if (built === undefined) {
			const text = `a singleton's constructor is a reference without (), got ${showValue(maker.bound.value)}`;
			const span = maker.bound.value.span ?? maker.bound.span;
			return [{ ...found('config.singleton', value, () => text), span }];
		}
		return built.is === 'trouble'
			? this.#trouble(value, built.trouble, type)
			: this.#component({ ...built, value, called }, type);
	}

	#call(value: CallValue, type: TypeSpec): readonly Wrong[] {
		const part = optionsOf(type).find((option) => option.type === 'call' && option.names.includes(value.name));
		if (part?.type !== 'call') {
			const where = callPlaces(value.name, this.#lookup.catalog);
			return [found('config.call_place', value, (label) => `${label} does not take ${value.name}(…): ${where}`)];
		}
		return offered(value.name, value.args).flatMap((one, index) =>
			within(` (value ${index + 1} of ${value.name})`, this.#check(this.#lookup.reading.of(one, part.of), part.of)),
		);
	}

	#trouble(value: Value, trouble: Trouble, type: TypeSpec): Wrong[] {
		// Macros without end are reported as such, where they are defined.
		if (trouble.reason === 'endless_macro') {
			return [];
		}
		const kinds = componentParts(type).map(({ kind }) => kind);
		const { code, message, isAbout, isNear } = troubleOf(trouble, this.#lookup, kinds);
		// A text that is like no name was perhaps not meant as one.
		if (value.type === 'string' && !isNear && type.type === 'union') {
			return [wrongType(value, type)];
		}
		return [found(code, value, (label) => (isAbout === 'place' ? `${label}: ${message}` : message))];
	}

	#wrongKind(value: Value, name: string, kind: string, type: TypeSpec): Wrong {
		const legal = componentParts(type).flatMap((part) => this.#lookup.catalog.names(part.kind));
		const shown = legal.length === 0 ? '' : ` (${legal.slice(0, 8).join(', ')}${legal.length > 8 ? ', …' : ''})`;
		return found(
			'config.wrong_kind',
			value,
			(label) => `${label} expects ${describeType(type)}${shown}, got the ${kind} "${name}"`,
		);
	}
}

/** The component that makes a singleton; undefined where its constructor is no uncalled reference. */
export function constructorOf(
	meaning: ValueMeaning,
): Extract<ValueMeaning, { is: 'component' | 'trouble' }> | undefined {
	const stands = standsFor(meaning);
	return stands?.is === 'trouble' || (stands?.is === 'component' && !stands.called) ? stands : undefined;
}

function textOf(key: ValueMeaning): string | undefined {
	const stands = standsFor(key);
	return stands?.is === 'plain' && stands.value.type === 'string' ? stands.value.value : undefined;
}

function lengthOf(value: Value, length: number, type: Extract<TypeSpec, { type: 'list' | 'tuple' }>): Wrong[] {
	const min = type.type === 'list' ? (type.min ?? 0) : type.items.length;
	const max = type.type === 'list' ? (type.max ?? Infinity) : type.rest === undefined ? type.items.length : Infinity;
	const text = `expects ${describeType(type)}, got ${length} item${length === 1 ? '' : 's'}`;
	return length >= min && length <= max ? [] : [found('config.wrong_length', value, (label) => `${label} ${text}`)];
}
