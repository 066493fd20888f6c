import { createHash } from 'node:crypto';
import type { Value } from '../gin/ast.ts';
import { joinScope } from '../gin/model/scopes.ts';
import { reprValue } from '../gin/repr.ts';
import { type JsValue, toJs } from '../gin/values.ts';
import type { ParameterInfo, PlainValue } from './catalog.ts';
import type { Constructed } from './container.ts';
import type { Lookup } from './lookup.ts';
import { normalise } from './normalise.ts';
import { type Origin, originOf, placeOf } from './origin.ts';
import { fromPlain } from './plain.ts';
import { Secrets } from './secrets.ts';

/** `operative.json`: every parameter of every component, by `scope/component`. */
export interface Operative {
	readonly schema: 'gimlet.operative/1';
	/** Of everything but free parameters: two configs with the same hash train the same. */
	readonly hash: string;
	readonly components: Readonly<Record<string, OperativeComponent>>;
}

export interface OperativeComponent {
	readonly kind: string;
	readonly parameters: Readonly<Record<string, OperativeParameter>>;
}

export interface OperativeParameter {
	/** Plain data; a component is the text that names it, such as `@mlp()`. */
	readonly value: PlainValue;
	/** The value in one form for all ways to write it: macros replaced, components as references. */
	readonly text: string;
	/** As the config says it, where that differs. */
	readonly written?: string;
	readonly origin: Origin;
	/** What the value won over, nearest first. */
	readonly overrode: ReadonlyArray<{ readonly text: string; readonly origin: Origin }>;
	/** May change when a run is continued. */
	readonly free?: true;
	/** A path as the config says it, which is the same on every machine. */
	readonly path?: string;
	/** The default of a parameter that older configs do not have: as if it were not there. */
	readonly added?: true;
	/** Holds a secret, which is not recorded. */
	readonly masked?: true;
}

/** The effective config of components as they are in their scopes: those reached, or those constructed. */
export function operativeOf(nodes: readonly Constructed[], lookup: Lookup): Operative {
	const components: Record<string, OperativeComponent> = {};
	const secrets = new Secrets(nodes, lookup);
	const sorted = nodes
		.map((node) => ({ path: joinScope(node.scope, node.component.name), node }))
		.sort((a, b) => (a.path < b.path ? -1 : 1));
	for (const { path, node } of sorted) {
		components[path] = { kind: node.component.kind, parameters: parametersOf(node, lookup, secrets) };
	}
	return { schema: 'gimlet.operative/1', hash: hashOf(components), components };
}

function parametersOf(
	{ parameters }: Constructed,
	lookup: Lookup,
	secrets: Secrets,
): Record<string, OperativeParameter> {
	const entries = parameters.flatMap(({ parameter, value, written: said, bound, overrode }) => {
		if (value === undefined) {
			return [];
		}
		const masked = (one: Value) => (bound === undefined ? one : secrets.masked(one, parameter));
		const isMasked = masked(value) !== value;
		const normal = normalise(masked(value), parameter.type, lookup);
		const text = reprValue(normal, true);
		const path = said === undefined || isMasked ? undefined : reprValue(normalise(said, parameter.type, lookup), true);
		const written = reprValue(isMasked ? secrets.repeatable(value, parameter) : (said ?? value), true);
		const entry: OperativeParameter = {
			value: toPlain(normal),
			text,
			...(written === text ? {} : { written }),
			origin: originOf({ bound }),
			overrode: overrode.map((replaced) => ({
				text: reprValue(masked(replaced.value), true),
				origin: placeOf(replaced.span, replaced.scope),
			})),
			...(parameter.free ? { free: true as const } : {}),
			...(path === undefined ? {} : { path }),
			...(isAdded(parameter, text, lookup) ? { added: true as const } : {}),
			...(isMasked ? { masked: true as const } : {}),
		};
		return [[parameter.name, entry] as const];
	});
	return Object.fromEntries(entries);
}

function isAdded({ added, default: usual, type }: ParameterInfo, text: string, lookup: Lookup): boolean {
	return (
		added === true && usual !== undefined && reprValue(normalise(fromPlain(usual, type), type, lookup), true) === text
	);
}

function hashOf(components: Readonly<Record<string, OperativeComponent>>): string {
	const hash = createHash('sha256');
	for (const [path, { parameters }] of Object.entries(components)) {
		hash.update(`${path}\n`);
		for (const [name, { text, free, added }] of Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1))) {
			if (!free && !added) {
				hash.update(`\t${name} = ${text}\n`);
			}
		}
	}
	return hash.digest('hex');
}

function toPlain(value: Value): PlainValue {
	return jsonOf(toJs(value, (other) => reprValue(other, true)));
}

function jsonOf(value: JsValue): PlainValue {
	if (typeof value === 'bigint') {
		return value.toString();
	}
	if (typeof value === 'number' && !Number.isFinite(value)) {
		return String(value);
	}
	if (Array.isArray(value)) {
		return value.map(jsonOf);
	}
	if (value instanceof Map) {
		return [...value].map(([key, entry]) => [jsonOf(key), jsonOf(entry)]);
	}
	if (value instanceof Uint8Array) {
		return [...value];
	}
	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, jsonOf(entry)]));
	}
	return value;
}
