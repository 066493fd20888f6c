import { didYouMean } from '../core/suggest.ts';
import type { MacroValue, ReferenceValue, Span, StringValue, Value } from '../gin/ast.ts';
import { deepest, isSingleton, joinScope, type Lookup } from './lookup.ts';
import { componentParts, wanted } from './meaning.ts';
import {
	choiceOf,
	inside,
	isOuter,
	type Mismatch,
	type Place,
	problem,
	rangeOf,
	stringOf,
	wrongType,
} from './mismatch.ts';
import { entryType, itemType } from './plain.ts';
import { showValue } from './show-value.ts';
import { describeType, type TypeSpec } from './type-spec.ts';

export type { Mismatch } from './mismatch.ts';

/** Everything wrong with a value for a type; nothing is converted, so `5.0` and `"5"` are no integers. */
export function mismatches(
	value: Value,
	type: TypeSpec,
	label: string,
	span: Span | undefined,
	lookup: Lookup,
): Mismatch[] {
	return new Acceptance(lookup).check(value, type, { label, span, macros: [] });
}

class Acceptance {
	readonly #lookup: Lookup;

	constructor(lookup: Lookup) {
		this.#lookup = lookup;
	}

	check(value: Value, type: TypeSpec, outer: Place): Mismatch[] {
		// Inside a macro's value the line that uses the macro stays the place: that is where the type comes from.
		const place = outer.macros.length === 0 && value.span !== undefined ? { ...outer, span: value.span } : outer;
		if (value.type === 'macro') {
			return this.#macro(value, type, place);
		}
		if (value.type === 'reference') {
			return this.#reference(value, type, place);
		}
		if (value.type === 'bytes' || value.type === 'complex') {
			return [wrongType(value, type, place)];
		}
		return type.type === 'union' ? this.#union(value, type.options, type, place) : this.#plain(value, type, place);
	}

	#macro(value: MacroValue, type: TypeSpec, place: Place): Mismatch[] {
		const path = joinScope(value.scope, value.name);
		const constant = this.#lookup.constant(value);
		if (constant !== undefined) {
			return this.check(constant, type, { ...place, label: `${place.label} (%${path})` });
		}
		const macro = this.#lookup.macro(path);
		if (macro === undefined) {
			const { hints, macros, constants } = this.#lookup;
			const near = hints.didYouMean(path, 'macros and constants', () => [...macros.keys(), ...constants.keys()]);
			return [problem('config.unknown_macro', place, `%${path} is not defined.${near}`)];
		}
		// A cycle is reported once, as one; so is a chain without end.
		return place.macros.includes(macro) || place.macros.length >= deepest
			? []
			: this.check(macro.value, type, { ...place, macros: [...place.macros, macro] });
	}

	#reference(value: ReferenceValue, type: TypeSpec, place: Place): Mismatch[] {
		const { selector, evaluate } = value;
		const { found, candidates } = this.#lookup.catalog.select(selector);
		if (found === undefined && isSingleton(selector)) {
			return this.#singleton(value, type, place);
		}
		const parts = componentParts(type);
		if (found === undefined) {
			return [
				this.#unknown(
					selector,
					candidates ?? [],
					parts.map(({ kind }) => kind),
					place,
				),
			];
		}
		if (type.type === 'any' || (type.type === 'union' && type.options.some((option) => option.type === 'any'))) {
			return [];
		}
		const part = parts.find(({ kind }) => kind === found.kind);
		if (part === undefined) {
			return [this.#wrongKind(found.name, found.kind, type, place)];
		}
		if (part.factory === evaluate && part.kind !== 'function') {
			const text = part.factory
				? `expects ${describeType(part)}: write @${selector}, without ()`
				: `expects a ${part.kind}, got the uncalled @${selector}: write @${selector}()`;
			return [problem('config.wrong_call', place, `${place.label} ${text}`)];
		}
		return [];
	}

	#singleton(value: ReferenceValue, type: TypeSpec, place: Place): Mismatch[] {
		if (value.scope === '') {
			return [
				problem('config.singleton', place, '@gin.singleton() needs a scope that names it, as in @key/gin.singleton()'),
			];
		}
		const binding = this.#lookup.singleton(value.scope);
		if (binding === undefined) {
			const text = `@${value.scope}/gin.singleton() has no constructor: bind ${value.scope}/gin.singleton.constructor = @…`;
			return [problem('config.singleton', place, text)];
		}
		const { value: built } = binding;
		if (built.type !== 'reference' || built.evaluate) {
			const text = `a singleton's constructor is a reference without (), got ${showValue(built)}`;
			return [problem('config.singleton', { ...place, span: built.span ?? binding.span }, text)];
		}
		return this.#reference({ ...built, evaluate: true }, type, place);
	}

	#union(value: Value, options: readonly TypeSpec[], whole: TypeSpec, place: Place): Mismatch[] {
		const found = options.map((option) => this.check(value, option, place));
		if (found.some((mismatch) => mismatch.length === 0)) {
			return [];
		}
		// An option of the right outer type knows best what is wrong inside the value.
		const fitting = options.flatMap((option, index) => (isOuter(value, option) ? [found[index]!] : []));
		if (fitting.length === 1) {
			return fitting[0]!;
		}
		const near = found
			.flat()
			.find(({ code, message }) => code === 'config.unknown_component' && message.includes('Did you mean'));
		return near === undefined ? [wrongType(value, whole, place)] : [near];
	}

	#plain(value: Value, type: Exclude<TypeSpec, { type: 'union' }>, place: Place): Mismatch[] {
		switch (type.type) {
			case 'any':
				return this.#anything(value, place);
			case 'none':
			case 'bool':
				return value.type === type.type ? [] : [wrongType(value, type, place)];
			case 'int':
				if (value.type !== 'int') {
					return [wrongType(value, type, place)];
				}
				return typeof value.value === 'bigint'
					? [
							problem(
								'config.out_of_range',
								place,
								`${place.label} expects ${describeType(type)} within ±2^53, got ${value.value}`,
							),
						]
					: rangeOf(value.value, value, type, place);
			case 'float':
				return value.type === 'int' || value.type === 'float'
					? rangeOf(Number(value.value), value, type, place)
					: [wrongType(value, type, place)];
			case 'string':
				return stringOf(value, type, place);
			case 'choice':
				return choiceOf(value, type, place);
			case 'list':
			case 'tuple':
				return this.#sequence(value, type, place);
			case 'dict':
				return this.#dict(value, type, place);
			case 'object':
				return this.#object(value, type, place);
			case 'component':
				return value.type === 'string' ? this.#name(value, type, place) : [wrongType(value, type, place)];
		}
	}

	#anything(value: Value, place: Place): Mismatch[] {
		const any: TypeSpec = { type: 'any' };
		if (value.type === 'list' || value.type === 'tuple') {
			return value.items.flatMap((item, index) => this.check(item, any, inside(place, `[${index}]`)));
		}
		return value.type === 'dict' ? value.entries.flatMap(([, entry]) => this.check(entry, any, place)) : [];
	}

	#sequence(value: Value, type: Extract<TypeSpec, { type: 'list' | 'tuple' }>, place: Place): Mismatch[] {
		if (value.type !== 'list' && value.type !== 'tuple') {
			return [wrongType(value, type, place)];
		}
		const { length } = value.items;
		const min = type.type === 'list' ? (type.min ?? 0) : type.items.length;
		const max = type.type === 'list' ? (type.max ?? Infinity) : type.rest === undefined ? type.items.length : Infinity;
		const own =
			length < min || length > max
				? [
						problem(
							'config.wrong_length',
							place,
							`${place.label} expects ${describeType(type)}, got ${length} item${length === 1 ? '' : 's'}`,
						),
					]
				: [];
		const inner = value.items.flatMap((item, index) =>
			this.check(item, itemType(type, index), inside(place, `[${index}]`)),
		);
		return [...own, ...inner];
	}

	#dict(value: Value, type: Extract<TypeSpec, { type: 'dict' }>, place: Place): Mismatch[] {
		if (value.type !== 'dict') {
			return [wrongType(value, type, place)];
		}
		return value.entries.flatMap(([key, entry]) => {
			const at = { ...place, span: key.span ?? place.span };
			if (key.type !== 'string') {
				const text = `${place.label} expects strings as keys, got ${showValue(key)}`;
				return [problem('config.wrong_type', at, text)];
			}
			// Schemas drop this key without a word.
			return key.value === '__proto__'
				? [problem('config.unknown_key', at, `${place.label} cannot have the key "__proto__"`)]
				: this.check(entry, type.value, inside(place, `[${JSON.stringify(key.value)}]`));
		});
	}

	#object(value: Value, type: Extract<TypeSpec, { type: 'object' }>, place: Place): Mismatch[] {
		if (value.type !== 'dict') {
			return [wrongType(value, type, place)];
		}
		const legal = Object.keys(type.fields);
		const found = new Set<string>();
		const inner = value.entries.flatMap(([key, entry]) => {
			if (key.type !== 'string' || !legal.includes(key.value)) {
				const shown = key.type === 'string' ? key.value : showValue(key);
				const text = `${place.label} has no key "${shown}".${didYouMean(shown, legal)} Allowed: ${legal.join(', ')}.`;
				return [problem('config.unknown_key', { ...place, span: key.span ?? place.span }, text)];
			}
			found.add(key.value);
			return this.check(entry, entryType(type, key.value), inside(place, `[${JSON.stringify(key.value)}]`));
		});
		const absent = legal.filter((key) => type.fields[key]!.required && !found.has(key));
		return absent.length === 0
			? inner
			: [
					...inner,
					problem(
						'config.missing_key',
						place,
						`${place.label} lacks the key${absent.length === 1 ? '' : 's'} ${absent.join(', ')}`,
					),
				];
	}

	#name(value: StringValue, type: Extract<TypeSpec, { type: 'component' }>, place: Place): Mismatch[] {
		const selector = wanted(value, type, this.#lookup.catalog)!.selector;
		const { found, candidates } = this.#lookup.catalog.select(selector);
		if (found === undefined) {
			return [this.#unknown(selector, candidates ?? [], [type.kind], place)];
		}
		return found.kind === type.kind ? [] : [this.#wrongKind(found.name, found.kind, type, place)];
	}

	#unknown(selector: string, candidates: readonly string[], kinds: readonly string[], place: Place): Mismatch {
		if (candidates.length > 0) {
			const text = `"${selector}" may mean ${candidates.join(' or ')}: write one of them whole`;
			return problem('config.ambiguous_component', place, `${place.label}: ${text}`);
		}
		const { catalog } = this.#lookup;
		const legal = kinds.length === 0 ? catalog.names() : kinds.flatMap((kind) => catalog.names(kind));
		const kind = kinds.length === 0 ? 'component' : kinds.join(' or ');
		const near = this.#lookup.hints.didYouMean(selector, `of kind ${kind}`, () => legal);
		const allowed = near === '' ? ` ${known(kind, legal)}` : near;
		return problem(
			'config.unknown_component',
			place,
			`${place.label}: there is no ${kind} named "${selector}".${allowed}`,
		);
	}

	#wrongKind(name: string, kind: string, type: TypeSpec, place: Place): Mismatch {
		const parts = componentParts(type);
		const legal = parts.flatMap((part) => this.#lookup.catalog.names(part.kind));
		const shown = legal.length === 0 ? '' : ` (${legal.slice(0, 8).join(', ')}${legal.length > 8 ? ', …' : ''})`;
		return problem(
			'config.wrong_kind',
			place,
			`${place.label} expects ${describeType(type)}${shown}, got the ${kind} "${name}"`,
		);
	}
}

/** `There is none.` or the first names there are. */
export function known(kind: string, legal: readonly string[]): string {
	return legal.length === 0
		? `No ${kind} is registered.`
		: `Known: ${legal.slice(0, 12).join(', ')}${legal.length > 12 ? ', …' : ''}.`;
}
