import type { LayoutOptions } from '../../src/gin/model/layout.ts';
import type { Call, Entry, Enumeration, Json, Step } from './case.ts';
import type { BindingKey } from './host/bind.ts';
import { toMarkdown } from './host/markdown.ts';
import type { DrawnFile } from './host/read.ts';
import { recordError } from './run-case.ts';
import { selectorMap } from './selector-map.ts';
import { encode, record } from './values.ts';
import type { World } from './world.ts';

/** Runs one step; its outcome is `{result}`, `{error}`, `{steps}` or `{outs}`. */
export function runStep(world: World, step: Step): Json {
	try {
		return perform(world, step);
	} catch (error) {
		return { error: recordError(error) as unknown as Json };
	}
}

function perform(world: World, step: Step): Json {
	const { config } = world;
	const nested = () => ({ steps: (step['steps'] as Step[]).map((inner) => runStep(world, inner)) });
	const text = (name: string) => step[name] as string;
	switch (step.op) {
		case 'unlock':
			return config.unlocked(nested);
		case 'scope':
			return world.inScopes(step['scope'], nested);
		case 'selector_map':
			return { outs: selectorMap(step['do'] as Array<[string, string]>, outcome) };
		case 'parse':
			return { result: config.parse(text('text'), skipUnknown(step['skip_unknown'])) as unknown as Json };
		case 'parse_file':
			return { result: drawn(config.parseFile(text('path'), skipUnknown(step['skip_unknown']))) };
		case 'parse_files_and_bindings': {
			const files = (step['files'] ?? []) as string[];
			const bindings = (step['bindings'] ?? []) as string[];
			const options = {
				finalize: (step['finalize'] ?? true) as boolean,
				skipUnknown: skipUnknown(step['skip_unknown']),
			};
			return { result: config.parseFilesAndBindings(files, bindings, options).map(drawn) };
		}
		case 'bind':
			return done(() => config.bind(step['key'] as unknown as BindingKey, world.decoder.decode(step['value']!)));
		case 'query':
			return { result: encode(config.query(text('key'))) };
		case 'call':
			return { result: encode(world.call(step as unknown as Call)) };
		case 'finalize':
			return done(() => config.finalize());
		case 'is_locked':
			return { result: config.isLocked };
		case 'clear':
			return done(() => config.clear(step['clear_constants'] === true));
		case 'constant':
			return done(() => config.constant(text('name'), world.decoder.decode(step['value']!)));
		case 'enum':
			return done(() => world.enumerate((step['enum'] ?? step) as unknown as Enumeration));
		case 'register':
			return done(() => world.define(step['configurable'] as unknown as Entry));
		case 'config_str':
		case 'operative_config_str':
			return { result: print(world, step.op, step) };
		case 'markdown':
			return { result: toMarkdown(print(world, text('of'), step)) };
		case 'reparse':
			return { result: reparse(world, text('of')) };
		case 'get_bindings': {
			const scopes = step['scope'];
			const options = {
				resolve: step['resolve'] as boolean | undefined,
				inherit: step['inherit'] as boolean | undefined,
			};
			return { result: world.inScopes(scopes, () => encode(record(config.getBindings(text('selector'), options)))) };
		}
		case 'current_scope':
			return { result: config.currentScope };
		case 'add_search_path':
			return done(() => config.addSearchPath(text('path')));
		case 'hook': {
			const returned = Object.entries((step['returns'] ?? {}) as Record<string, Json>);
			return done(() =>
				config.addHook(() => new Map(returned.map(([key, value]) => [key, world.decoder.decode(value)]))),
			);
		}
		case 'interactive':
			return done(() => config.setInteractive(step['on'] !== false));
		case 'parse_value':
			return { result: encode(config.parseValue(step['text'])) };
		case 'singleton_value':
			return { result: encode(config.singletonValue(text('key'))) };
		default:
			throw new Error(`the case format has no step ${step.op}`);
	}
}

function done(action: () => void): Json {
	action();
	return { result: null };
}

function drawn({ filename, imports, includes }: DrawnFile): Json {
	return { filename, imports: [...imports], includes: includes.map(drawn) };
}

function print({ config }: World, what: string, step: Record<string, Json | undefined>): string {
	const options: LayoutOptions = {
		maxLineLength: step['max_line_length'] as number | undefined,
		continuationIndent: step['continuation_indent'] as number | undefined,
		showProvenance: step['show_provenance'] as boolean | undefined,
	};
	return what === 'config_str' ? config.configString(options) : config.operativeConfigString(options);
}

function reparse(world: World, what: string): boolean {
	const before = print(world, what, {});
	world.config.clear();
	world.config.parse(before);
	return print(world, 'config_str', {}) === before;
}

function outcome(action: () => Json): Json {
	try {
		return { result: action() };
	} catch (error) {
		return { error: recordError(error) as unknown as Json };
	}
}

/** The option as the config takes it: tuples and sets as such, null as null. */
export function skipUnknown(json: Json | undefined): unknown {
	if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
		return '$set' in json ? new Set(json['$set'] as string[]) : (json['$tuple'] ?? json);
	}
	return json === undefined ? false : json;
}
