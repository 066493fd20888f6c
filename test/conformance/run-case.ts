import type { Case, Json, RecordedError } from './case.ts';
import type { Datum } from './host/data.ts';
import { GinError } from './host/gin-error.ts';
import { runStep, skipUnknown } from './steps.ts';
import { encode } from './values.ts';
import { World } from './world.ts';

/** Runs a case in a fresh world and records what happened in the format of `expect`. */
export function runCase(given: Case): Record<string, Json> {
	const world = new World(given);
	const failure = prepare(world, given);
	if (failure !== undefined) {
		return { error: failure as unknown as Json };
	}
	const outcome: Record<string, Json> = {};
	if (given.calls !== undefined) {
		outcome['calls'] = given.calls.map((call) => attempt(() => world.call(call)));
	}
	if (given.queries !== undefined) {
		outcome['queries'] = given.queries.map((key) => attempt(() => world.config.query(key)));
	}
	if (given.steps !== undefined) {
		outcome['steps'] = given.steps.map((step) => runStep(world, step));
	}
	for (const wanted of given.want ?? []) {
		outcome[wanted] = print(world, wanted);
	}
	return outcome;
}

/** An error as the format records it; anything but an error of gin is a fault of ours and is thrown on. */
export function recordError(error: unknown): RecordedError {
	if (!(error instanceof GinError)) {
		throw error;
	}
	const where = error.where.map(({ file, line, column, text }) => ({
		file: file ?? null,
		line,
		char: column ?? null,
		text: text ?? null,
	}));
	return { kind: error.kind, code: error.code, message: error.message, ...(where.length > 0 ? { where } : {}) };
}

function prepare(world: World, given: Case): RecordedError | undefined {
	const { registry = [], constants = {}, enums = [], config = [], bindings, config_files, finalize = false } = given;
	const skip = skipUnknown(given.skip_unknown);
	const texts = typeof config === 'string' ? [config] : config;
	const stages: Array<[stage: string, index: number | undefined, action: () => void]> = [
		...registry.map((entry, index): [string, number, () => void] => ['registry', index, () => world.define(entry)]),
		...Object.entries(constants).map(([name, value], index): [string, number, () => void] => [
			'constants',
			index,
			() => world.config.constant(name, world.decoder.decode(value)),
		]),
		...enums.map((entry, index): [string, number, () => void] => ['constants', index, () => world.enumerate(entry)]),
		...texts.map((text, index): [string, number, () => void] => [
			'config',
			index,
			() => world.config.parse(text, skip),
		]),
	];
	if (bindings !== undefined || config_files !== undefined) {
		const options = { finalize, skipUnknown: skip };
		stages.push([
			'bindings',
			undefined,
			() => world.config.parseFilesAndBindings(config_files ?? [], bindings ?? [], options),
		]);
	} else if (finalize) {
		stages.push(['finalize', undefined, () => world.config.finalize()]);
	}
	for (const [stage, index, action] of stages) {
		try {
			action();
		} catch (error) {
			return { ...recordError(error), stage, ...(index === undefined ? {} : { index }) };
		}
	}
	return undefined;
}

function attempt(action: () => Datum): Json {
	try {
		return { result: encode(action()) };
	} catch (error) {
		return { error: recordError(error) as unknown as Json };
	}
}

function print({ config }: World, wanted: string): Json {
	try {
		return wanted === 'config_str' ? config.configString() : config.operativeConfigString();
	} catch (error) {
		return { error: recordError(error) as unknown as Json };
	}
}
