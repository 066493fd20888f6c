import { ConfigError, GimletError, type Problem } from '../../../src/core/errors.ts';
import type { MergedFile } from '../../../src/gin/merge/merged.ts';
import { positionOf } from '../../../src/gin/positions.ts';
import type { RecordedError } from '../case.ts';

/** Codes of gin that say the same as one of gimlet. */
const families: Readonly<Record<string, readonly string[]>> = {
	'config.unknown_component': ['unknown_configurable', 'unknown_reference', 'not_registered'],
	'config.ambiguous_component': ['ambiguous_selector'],
	'config.ambiguous_constant': ['ambiguous_constant'],
	// What may not be bound is not declared.
	'config.unknown_parameter': ['unknown_parameter', 'not_in_allowlist', 'in_denylist'],
	'config.unknown_macro': ['macro_unbound', 'missing_argument'],
	'config.macro_cycle': ['recursion'],
	'config.reference_cycle': ['recursion'],
	'config.include_cycle': ['recursion'],
	'config.recursion': ['recursion'],
	'config.missing_value': ['missing_argument', 'required_missing', 'required_not_overridden'],
	'config.wrong_call': ['macro_not_evaluated'],
	'config.singleton': ['singleton_missing', 'singleton_not_callable'],
	'config.include_missing': ['file_not_found'],
	'config.file_is_folder': ['file_not_found'],
	'config.import_failed': ['user_error', 'import_error'],
	'config.import_module': ['import_error'],
	'config.unhashable_key': ['unhashable_key'],
	'config.locked': ['locked', 'finalize_twice'],
	'config.hook_conflict': ['hook_conflict'],
	'config.bad_key': ['bad_binding_key', 'unknown_configurable', 'unknown_parameter', 'other'],
	'registry.unknown': ['not_registered', 'unknown_configurable', 'missing_argument'],
	'registry.bad_name': ['bad_name', 'bad_module'],
	'registry.duplicate': ['duplicate_configurable'],
	'registry.constant': ['bad_constant_name', 'duplicate_constant'],
	query_unbound: ['query_unbound'],
	user_error: ['user_error', 'other'],
};

/** What went wrong, as production says it. */
export interface Failure {
	readonly code: string;
	readonly message: string;
	readonly where: ReadonlyArray<{ readonly file: string | null; readonly line: number }>;
	/** The source that it stands in. */
	readonly source: string | undefined;
}

/** Whether gimlet refuses what gin refuses, for the same reason. */
export function isSameRefusal(expected: RecordedError, actual: Failure): boolean {
	const syntax = actual.code.replace(/^config\./u, '');
	return syntax === expected.code || (families[actual.code] ?? []).includes(expected.code);
}

/** A problem and where it stands, innermost first. */
export function failureOf(problem: Problem, files: readonly MergedFile[]): Failure {
	const { code, message } = problem;
	const where: Array<{ file: string | null; line: number }> = [];
	for (let span = problem.span; span !== undefined; ) {
		const { source } = span;
		where.push({ file: source.kind === 'file' ? source.name : null, line: positionOf(source, span.start).line });
		span = source.kind === 'file' ? files.find(({ path }) => path === source.name)?.from : undefined;
	}
	return { code, message, where, source: problem.span?.source.name };
}

/** What was thrown, as production says it; anything that is no error of a program is thrown on. */
export function thrown(error: unknown): Failure {
	if (error instanceof ConfigError) {
		return failureOf(error.problems[0]!, []);
	}
	if (error instanceof GimletError) {
		return { code: error.code, message: error.message, where: [], source: undefined };
	}
	if (error instanceof TypeError && /not extensible|read only|frozen/u.test(error.message)) {
		return { code: 'frozen', message: error.message, where: [], source: undefined };
	}
	if (error instanceof Error && /^In the function/u.test(error.message)) {
		return { code: 'user_error', message: error.message, where: [], source: undefined };
	}
	throw error;
}
