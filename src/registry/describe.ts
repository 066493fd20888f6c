import { basename } from 'node:path';
import type { z } from 'zod';
import { isIdentifier } from '../gin/model/identifiers.ts';
import { Catalog, type ComponentInfo, type ParameterInfo, type PlainValue } from './catalog.ts';
import type { Declaration } from './declaration.ts';
import type { ParameterMeta } from './parameters.ts';
import type { Registry } from './registry.ts';
import type { NumberRange, TypeSpec } from './type-spec.ts';

/** A registry as plain data. */
export function catalogOf(registry: Registry): Catalog {
	return new Catalog(registry.all().map(describe));
}

/** A declaration as plain data. */
export function describe(declaration: Declaration): ComponentInfo {
	const { name, kind, parameters, file, isClass } = declaration;
	const meta = (parameters.meta() ?? {}) as Pick<ComponentInfo, 'aliases' | 'columns'>;
	const { aliases, columns = kind.columns?.(declaration.target) } = meta;
	const module = moduleOf(file, kind.folder);
	return {
		name,
		kind: kind.name,
		...(aliases === undefined ? {} : { aliases }),
		...(module === undefined ? {} : { module }),
		file,
		isClass,
		description: parameters.description ?? '',
		parameters: Object.entries(parameters.shape).map(([key, schema]) =>
			describeParameter(key, schema as Schema, kind.name),
		),
		refined: checksOf(parameters as unknown as Schema).some(isCustom),
		...(columns === undefined ? {} : { columns }),
	};
}

// `models` for what lies in the folder of its kind, else the name of the file.
function moduleOf(file: string, folder: string | undefined): string | undefined {
	if (folder !== undefined && file.includes(`/src/${folder}/`)) {
		return folder;
	}
	const stem = basename(file).replace(/\.[cm]?[jt]s$/u, '');
	return isIdentifier(stem) ? stem : undefined;
}

// The parts of zod's own description of a schema that are read here; zod is not loaded for it.
interface Check {
	readonly _zod: {
		readonly def: {
			readonly check: string;
			readonly value?: number;
			readonly inclusive?: boolean;
			readonly minimum?: number;
			readonly maximum?: number;
			readonly length?: number;
			readonly format?: string;
			readonly pattern?: RegExp;
		};
	};
}

interface Schema {
	readonly _zod: {
		readonly def: {
			readonly type: string;
			readonly checks?: readonly Check[];
			readonly check?: string;
			readonly format?: string;
			readonly pattern?: RegExp;
			readonly innerType?: Schema;
			readonly defaultValue?: unknown;
			readonly in?: Schema;
			readonly out?: Schema;
			readonly element?: Schema;
			readonly valueType?: Schema;
			readonly items?: readonly Schema[];
			readonly rest?: Schema | null;
			readonly options?: readonly Schema[];
			readonly values?: ReadonlyArray<string | number | boolean | null>;
			readonly entries?: Readonly<Record<string, string | number>>;
			readonly shape?: Readonly<Record<string, Schema>>;
			readonly getter?: () => Schema;
		};
	};
	readonly meta: () => Readonly<Record<string, unknown>> | undefined;
}

const wrappers = new Set(['optional', 'nullable', 'default', 'prefault', 'readonly', 'nonoptional', 'catch']);

function describeParameter(name: string, schema: Schema, kind: string): ParameterInfo {
	const levels = [schema];
	for (let at = schema; wrappers.has(at._zod.def.type); ) {
		at = at._zod.def.innerType!;
		levels.push(at);
	}
	// What is said on the outside counts more than what is said of the type within.
	const meta: ParameterMeta & { description?: string } = Object.assign(
		{},
		...levels.toReversed().map((level) => level.meta() ?? {}),
	);
	const types = levels.map((level) => level._zod.def.type);
	const fallback = levels.find((level) => ['default', 'prefault'].includes(level._zod.def.type))?._zod.def.defaultValue;
	const isOptional = types.some((type) => type === 'optional' || type === 'default' || type === 'prefault');
	const plain = plainOf(fallback);
	const type = typeOf(schema);
	const isPath = meta.path ?? (kind === 'dataset' && isPathName(name) && isText(type));
	return {
		name,
		type,
		required: !isOptional,
		...(plain === undefined ? {} : { default: plain }),
		description: meta.description ?? '',
		...(meta.unit === undefined ? {} : { unit: meta.unit }),
		aliases: meta.aliases ?? [],
		// What is found there is compared, not where it is.
		free: meta.free ?? isPath,
		...(meta.added ? { added: true as const } : {}),
		...(meta.distinct ? { distinct: true as const } : {}),
		...(isPath ? { path: true as const } : {}),
		...(meta.column ? { column: true as const } : {}),
		refined: isRefined(schema),
	};
}

function isPathName(name: string): boolean {
	return /(?:^|_)(?:path|file|folder|dir)s?$/u.test(name);
}

// A text, texts in a list, or none.
function isText(type: TypeSpec): boolean {
	switch (type.type) {
		case 'string':
			return true;
		case 'list':
			return isText(type.item);
		case 'union':
			return type.options.every((option) => option.type === 'none' || isText(option));
		default:
			return false;
	}
}

/** What a schema accepts. */
export function typeOf(schema: z.ZodType | Schema): TypeSpec {
	const { def } = (schema as Schema)._zod;
	switch (def.type) {
		case 'number':
			return numberType(schema as Schema);
		case 'int':
		case 'bigint':
			return { type: 'int' };
		case 'boolean':
			return { type: 'bool' };
		case 'null':
		case 'undefined':
			return { type: 'none' };
		case 'string':
			return { type: 'string', ...lengthOf(schema as Schema), ...patternOf(schema as Schema) };
		case 'enum':
			return { type: 'choice', values: Object.values(def.entries!) };
		case 'literal':
			return { type: 'choice', values: def.values! };
		case 'array':
			return { type: 'list', item: typeOf(def.element!), ...lengthOf(schema as Schema) };
		case 'tuple':
			return { type: 'tuple', items: def.items!.map(typeOf), ...(def.rest ? { rest: typeOf(def.rest) } : {}) };
		case 'record':
		case 'map':
			return { type: 'dict', value: typeOf(def.valueType!) };
		case 'object':
			return objectType(def.shape!);
		case 'union':
			return union(def.options!.map(typeOf));
		case 'nullable':
			return union([typeOf(def.innerType!), { type: 'none' }]);
		case 'optional':
		case 'default':
		case 'prefault':
		case 'readonly':
		case 'nonoptional':
		case 'catch':
			return typeOf(def.innerType!);
		case 'lazy':
			return { type: 'any' };
		case 'pipe':
			return def.in!._zod.def.type === 'transform' ? { type: 'any' } : typeOf(def.in!);
		default:
			return componentType(schema as Schema);
	}
}

function componentType(schema: Schema): TypeSpec {
	const { component, factory, calls } = (schema.meta() ?? {}) as ParameterMeta;
	if (calls !== undefined) {
		return { type: 'call', names: calls.names, of: typeOf(calls.of as Schema) };
	}
	return component === undefined ? { type: 'any' } : { type: 'component', kind: component, factory: factory ?? false };
}

function numberType(schema: Schema): TypeSpec {
	const { def } = schema._zod;
	const checks = checksOf(schema).map(({ _zod }) => _zod.def);
	const formats = [def.format, ...checks.map(({ format }) => format)];
	const isInteger = formats.some((format) => format?.includes('int'));
	const range: { -readonly [key in keyof NumberRange]: NumberRange[key] } = {};
	for (const { check, value, inclusive } of checks) {
		if (check === 'greater_than') {
			range[inclusive ? 'min' : 'above'] = value!;
		} else if (check === 'less_than') {
			range[inclusive ? 'max' : 'below'] = value!;
		} else if (check === 'multiple_of') {
			range.multipleOf = value!;
		}
	}
	return { type: isInteger ? 'int' : 'float', ...range };
}

function lengthOf(schema: Schema): { min?: number; max?: number } {
	const length: { min?: number; max?: number } = {};
	for (const { check, minimum, maximum, length: exact } of checksOf(schema).map(({ _zod }) => _zod.def)) {
		if (check === 'min_length') {
			length.min = minimum!;
		} else if (check === 'max_length') {
			length.max = maximum!;
		} else if (check === 'length_equals') {
			length.min = exact!;
			length.max = exact!;
		}
	}
	return length;
}

function patternOf(schema: Schema): { pattern?: string } {
	const found = [schema._zod.def, ...checksOf(schema).map(({ _zod }) => _zod.def)].find(
		({ format, pattern }) => format === 'regex' && pattern !== undefined,
	);
	return found?.pattern === undefined ? {} : { pattern: String(found.pattern) };
}

function objectType(shape: Readonly<Record<string, Schema>>): TypeSpec {
	const fields = Object.entries(shape).map(
		([name, schema]) =>
			[
				name,
				{ type: typeOf(schema), required: !['optional', 'default', 'prefault'].includes(schema._zod.def.type) },
			] as const,
	);
	return { type: 'object', fields: Object.fromEntries(fields) };
}

function union(options: readonly TypeSpec[]): TypeSpec {
	const flat = options.flatMap((option) => (option.type === 'union' ? option.options : [option]));
	return flat.length === 1 ? flat[0]! : { type: 'union', options: flat };
}

function isRefined(schema: Schema): boolean {
	const { def } = schema._zod;
	if (checksOf(schema).some(isCustom) || def.type === 'transform' || def.type === 'lazy') {
		return true;
	}
	if (def.type === 'custom') {
		const { component, calls } = (schema.meta() ?? {}) as ParameterMeta;
		return component === undefined && calls === undefined;
	}
	if (def.type === 'string' && def.format !== undefined && def.format !== 'regex') {
		return true;
	}
	const inner = [
		def.innerType,
		def.in,
		def.out,
		def.element,
		def.valueType,
		def.rest ?? undefined,
		...(def.items ?? []),
		...(def.options ?? []),
		...Object.values(def.shape ?? {}),
	];
	return inner.some((part) => part !== undefined && isRefined(part));
}

function checksOf(schema: Schema): readonly Check[] {
	return schema._zod.def.checks ?? [];
}

function isCustom({ _zod }: Check): boolean {
	const { check, format } = _zod.def;
	return check === 'custom' || check === 'overwrite' || (check === 'string_format' && format !== 'regex');
}

// JSON may hold no infinity: such a default is known to the code alone.
function plainOf(value: unknown): PlainValue | undefined {
	if (value === null || typeof value === 'boolean' || typeof value === 'string') {
		return value;
	}
	if (typeof value === 'number') {
		return Number.isFinite(value) ? value : undefined;
	}
	if (Array.isArray(value)) {
		const items = value.map(plainOf);
		return items.every((item) => item !== undefined) ? (items as PlainValue[]) : undefined;
	}
	if (
		typeof value === 'object' &&
		(Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)
	) {
		const entries = Object.entries(value).map(([key, entry]) => [key, plainOf(entry)] as const);
		return entries.every(([, entry]) => entry !== undefined)
			? (Object.fromEntries(entries) as Record<string, PlainValue>)
			: undefined;
	}
	return undefined;
}
