import type { Source } from '../../../src/gin/ast.ts';
import type { Case, Json, Step } from '../case.ts';
import { skipUnknown } from '../steps.ts';
import { NoForm } from './components.ts';
import { type Failure, thrown } from './errors.ts';
import { Program, Refused } from './program.ts';
import { NotPlain, plain } from './values.ts';

/** What became of one part of a case: a result, a refusal, or nothing where production cannot be asked. */
export type Outcome = { readonly result: Json } | { readonly failure: Failure } | { readonly noForm: string };

/** What became of a case, part by part, in the order in which it was done. */
export interface Ran {
	/** Where a stage before the calls ended it. */
	readonly failed?: Failure & { readonly stage: string };
	readonly parts: ReadonlyMap<string, Outcome>;
	/** Why none of it could be asked. */
	readonly noForm?: string;
}

/** Runs a case through production: `Configuration` and the container. */
export async function runProduction(given: Case): Promise<Ran> {
	const program = new Program(given);
	const parts = new Map<string, Outcome>();
	try {
		const failed = await prepare(program, given);
		if (failed !== undefined) {
			return { failed, parts };
		}
		await program.config();
		for (const [index, call] of (given.calls ?? []).entries()) {
			parts.set(`calls[${index}]`, await attempt(() => program.result(program.call(call))));
		}
		for (const [index, key] of (given.queries ?? []).entries()) {
			parts.set(`queries[${index}]`, await attempt(() => query(program, key)));
		}
		for (const [index, step] of (given.steps ?? []).entries()) {
			parts.set(`steps[${index}]`, await attempt(() => perform(program, step)));
		}
		for (const wanted of given.want ?? []) {
			parts.set(wanted, await attempt(() => program.print(wanted)));
		}
		return { parts };
	} catch (error) {
		if (error instanceof NoForm || error instanceof NotPlain) {
			return { parts: new Map(), noForm: error.message };
		}
		throw error;
	} finally {
		program.end();
	}
}

async function prepare(program: Program, given: Case): Promise<Ran['failed']> {
	const { registry = [], constants = {}, enums = [], config = [], bindings = [], config_files = [] } = given;
	setSkip(program, given.skip_unknown);
	const texts = typeof config === 'string' ? [config] : config;
	const stages: Array<[stage: string, action: () => unknown]> = [
		...registry.map((entry): [string, () => unknown] => ['registry', () => program.define(entry)]),
		...Object.entries(constants).map(([name, value]): [string, () => unknown] => [
			'constants',
			() => program.registry.addConstant(name, plain(value)),
		]),
		...enums.map((entry): [string, () => unknown] => ['constants', () => program.enumerate(entry)]),
		...texts.map((text): [string, () => unknown] => ['config', () => program.add([program.text(text)])]),
	];
	if (given.bindings !== undefined || given.config_files !== undefined) {
		stages.push(['bindings', () => program.add(sourcesOf(program, config_files, bindings))]);
	}
	if (given.finalize) {
		stages.push(['finalize', () => program.finalize()]);
	}
	for (const [stage, action] of stages) {
		const outcome = await attempt(async () => {
			await action();
			return null;
		});
		if ('noForm' in outcome) {
			throw new NoForm(outcome.noForm);
		}
		if ('failure' in outcome) {
			return { ...outcome.failure, stage };
		}
	}
	return undefined;
}

function sourcesOf(program: Program, files: readonly string[], bindings: string | readonly string[]): Source[] {
	const included = files.map((path) => program.text(`include '${path}'`));
	const text = typeof bindings === 'string' ? bindings : bindings.join('\n');
	return text === '' ? included : [...included, { ...program.text(text), name: '-b 1' }];
}

async function attempt(action: () => Json | Promise<Json>): Promise<Outcome> {
	try {
		return { result: await action() };
	} catch (error) {
		if (error instanceof NoForm || error instanceof NotPlain) {
			return { noForm: error.message };
		}
		return { failure: error instanceof Refused ? error.failure : thrown(error) };
	}
}

function setSkip(program: Program, option: Json | undefined): void {
	const skip = skipUnknown(option);
	if (typeof skip !== 'boolean' && !Array.isArray(skip) && !(skip instanceof Set)) {
		throw new NoForm('names to skip that are no list');
	}
	program.unknown = skip === true ? 'skip' : skip === false ? 'error' : new Set([...skip].map(String));
}

async function query(program: Program, key: string): Promise<Json> {
	const found = (await program.config()).query(key);
	if (found === undefined) {
		throw new Refused({ code: 'query_unbound', message: key, where: [], source: undefined });
	}
	return program.encoded(found.value);
}

async function perform(program: Program, step: Step): Promise<Json> {
	const text = (name: string) => step[name] as string;
	switch (step.op) {
		case 'parse':
			setSkip(program, step['skip_unknown']);
			await program.add([program.text(text('text'))]);
			return null;
		case 'parse_file':
			await program.add(sourcesOf(program, [text('path')], []));
			return null;
		case 'parse_files_and_bindings': {
			const [files, bindings] = [(step['files'] ?? []) as string[], (step['bindings'] ?? []) as string[]];
			await program.add(sourcesOf(program, files, bindings));
			if (step['finalize'] !== false) {
				await program.finalize();
			}
			return null;
		}
		case 'bind': {
			const key = step['key'];
			const name = Array.isArray(key) ? `${key[0] === '' ? '' : `${key[0]}/`}${key[1]}.${key[2]}` : String(key);
			await program.bind(name, plain(step['value']!));
			return null;
		}
		case 'query':
			return query(program, text('key'));
		case 'call':
			await program.config();
			return program.result(program.call(step as never));
		case 'finalize':
			await program.finalize();
			return null;
		case 'is_locked':
			return (await program.config()).isLocked;
		case 'clear':
			program.clear(step['clear_constants'] !== true);
			return null;
		case 'constant':
			program.registry.addConstant(text('name'), plain(step['value']!));
			return null;
		case 'enum':
			program.enumerate((step['enum'] ?? step) as never);
			return null;
		case 'register':
			program.define(step['configurable'] as never);
			return null;
		case 'hook':
			program.hook((step['returns'] ?? {}) as Record<string, Json>);
			return null;
		case 'add_search_path':
			program.searchPath.push(text('path'));
			return null;
		case 'config_str':
		case 'operative_config_str':
			return program.print(step.op, {
				maxLineLength: step['max_line_length'] as number | undefined,
				continuationIndent: step['continuation_indent'] as number | undefined,
				showProvenance: step['show_provenance'] as boolean | undefined,
			});
		case 'reparse': {
			const before = await program.print(text('of'));
			program.clear(true);
			await program.add([program.text(before)]);
			return (await program.print('config_str')) === before;
		}
		case 'parse_value':
			return program.parsedValue(step['text']);
		default:
			throw new NoForm(`the step ${step.op}`);
	}
}
