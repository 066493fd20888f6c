import { isDeepStrictEqual } from 'node:util';
import type { Case, Json, RecordedError } from '../case.ts';
import type { Difference } from './compare.ts';

/** A difference from gin that is meant: what it is, why, and which differences of a case it is. */
export interface Deviation {
	readonly id: string;
	/** One sentence for docs/gin-deviations.md. */
	readonly reason: string;
	readonly applies: (difference: Difference, given: Case) => boolean;
}

/** Every deviation; the first that applies counts. */
export const deviations: readonly Deviation[] = [
	{
		id: 'dynamic registration',
		reason: 'Every component is registered by its decorator; `from __gin__ import dynamic_registration` is refused.',
		applies: (_, given) => textOf(given).includes('dynamic_registration') || textOf(given).includes('__gin__'),
	},
	{
		id: 'frozen values',
		reason:
			'Values are frozen instead of copied for each call: who changes one gets an error, and nobody sees another value.',
		applies: (difference, given) =>
			codeOf(difference) === 'frozen' ||
			(hasReturns(given, 'mutate') && JSON.stringify(difference.expected).includes('mutated')),
	},
	{
		id: 'more of gin than gin',
		reason:
			'`true`, `false` and `null`, `|=`, `extends`, `use`, `unset`, `env()` and its like, and imports of files are read; a byte order mark is skipped.',
		applies: (difference, given) =>
			errorOf(difference)?.code.startsWith('syntax.') === true &&
			/\b(?:true|false|null)\b|\|=|\b(?:extends|use|unset|env|per|grid|zip|choice|uniform|log_uniform)\b|import\s+['"]|\ufeff/u.test(
				textOf(given),
			),
	},
	{
		id: 'a minus before a name',
		reason: '`-%m` and `-@f` are mistakes; gin drops the minus without a word.',
		applies: (difference, given) => codeOf(difference) === 'config.syntax.value' && /-\s*[%@]/u.test(textOf(given)),
	},
	{
		id: 'grammar first',
		reason:
			'A text that cannot be read is refused for that; gin first looks up the names that stand before the mistake.',
		applies: (difference) =>
			/^(?:unknown_|ambiguous_)/u.test(errorOf(difference)?.code ?? '') &&
			/^config\.(?:syntax\.|unhashable_key)/u.test(codeOf(difference) ?? ''),
	},
	{
		id: 'imports first',
		reason: 'All imports of a config are carried out before its lines are looked at, wherever they stand.',
		applies: (difference, given) =>
			given.modules !== undefined &&
			/^unknown_/u.test(errorOf(difference)?.code ?? '') &&
			(codeOf(difference) === undefined || codeOf(difference) === 'config.import_failed'),
	},
	{
		id: 'modules that fail',
		reason: 'A module that is here and fails is an error, also where modules that are not here are passed over.',
		applies: (difference) => codeOf(difference) === 'config.import_failed',
	},
	{
		id: 'files that are named',
		reason:
			'A file is looked for beside the one that names it, then in the working directory, then along the search path.',
		applies: (difference, given) =>
			given.files !== undefined &&
			/file_not_found|recursion/u.test(errorOf(difference)?.code ?? '') &&
			codeOf(difference) !== 'frozen',
	},
	{
		id: 'no lists of parameters',
		reason: 'There are no allow- and denylists: what a component declares can be bound, and nothing else.',
		applies: (difference) =>
			/^(?:required_not_configurable|list_type|both_lists|list_unknown_parameter)$/u.test(
				errorOf(difference)?.code ?? '',
			),
	},
	{
		id: 'REQUIRED everywhere',
		reason:
			'`%gin.REQUIRED` must be replaced wherever it stands, in lists and macros too; it is never handed to a component as a value.',
		applies: (difference, given) =>
			(textOf(given).includes('REQUIRED') || JSON.stringify(given).includes('$required')) &&
			(codeOf(difference) === 'config.missing_value' ||
				errorOf(difference)?.code.startsWith('required_') === true ||
				JSON.stringify(difference.expected).includes('$required') ||
				JSON.stringify(difference.expected).includes('REQUIRED') ||
				isAfterRefusal(difference)),
	},
	{
		id: 'hooks that bind the same',
		reason: 'Two finalize hooks that bind one parameter are in conflict, however each spells it.',
		applies: (_, given) => (given.steps ?? []).filter(({ op }) => op === 'hook').length > 1,
	},
	{
		id: 'open registry',
		reason: 'A config is locked by `finalize`, the registry of components is not.',
		applies: (difference) => errorOf(difference)?.code === 'locked_register',
	},
	{
		id: 'skipping for a whole config',
		reason:
			'`--skip-unknown` holds for a whole config and its every reading; gin decides it for each text when it is parsed.',
		applies: (difference, given) =>
			(given.steps ?? []).some((step) => 'skip_unknown' in step) && !difference.text.includes('config.syntax'),
	},
	{
		id: 'refused before anything is called',
		reason: 'What is wrong with a config is found before any component is built, so that none of it is built in vain.',
		applies: (difference, given) =>
			hasReturns(given, 'counter') &&
			JSON.stringify(difference.expected).includes('"n"') &&
			codeOf(difference) === undefined,
	},
	{
		id: 'mistakes of gin',
		reason: 'After a macro that is not bound has been used, gin cannot print the operative config; gimlet can.',
		applies: (difference, given) => given.quirk !== undefined && errorOf(difference)?.code === 'other',
	},
	{
		id: 'macros behind constants',
		reason:
			'A macro of the name of a constant is printed as it is written, `@NAME/macro()`; gin leaves out what holds it.',
		applies: (difference, given) =>
			/_config_str$|config_str|steps/u.test(difference.part) && /macro\(\)/u.test(textOf(given)),
	},
	{
		id: 'no active scope',
		reason:
			'There is no scope that is active while code runs: what a component builds is built by references among its parameters, each in the scope of the component or its own.',
		applies: (difference, given) =>
			(hasReturns(given, 'calls') ||
				JSON.stringify(given).includes('"get"') ||
				JSON.stringify(given).includes('@scope')) &&
			codeOf(difference) === undefined &&
			errorOf(difference) === undefined,
	},
	{
		id: 'names are decided at the end',
		reason: 'Names are looked up when a config has been read: a component or constant that comes later counts too.',
		applies: (difference, given) =>
			(given.steps ?? []).some(({ op }) => op === 'constant' || op === 'register' || op === 'enum') &&
			codeOf(difference) === undefined,
	},
	{
		id: 'keys of code',
		reason: 'Code binds by the keys that a line of a config may have: no empty names, and no scopes with dots.',
		applies: (difference, given) =>
			(isStep(difference, given, 'bind') &&
				(codeOf(difference)?.startsWith('config.') === true || errorOf(difference) !== undefined)) ||
			(difference.text + JSON.stringify(given.steps?.[indexOf(difference)])).includes('//'),
	},
	{
		id: 'places of what code binds',
		reason: 'What code binds has an origin like every line; gin shows none for it.',
		applies: (difference, given) => difference.text.includes('# Set in') && isAfterStep(difference, given, 'bind'),
	},
	{
		id: 'defaults without a plain form',
		reason:
			'A default that JSON cannot hold (a dict with keys that are no texts, bytes) is known to the code alone and not printed.',
		applies: (difference, given) =>
			/config_str/u.test(difference.part + difference.text + JSON.stringify(given)) &&
			(JSON.stringify(given.registry) ?? '').includes('$dict'),
	},
	{
		id: 'the first import of a module',
		reason: 'Of several imports of one module the first line is printed; gin prefers one with another name.',
		applies: (difference) =>
			/"?import /u.test(difference.text) && codeOf(difference) === undefined && errorOf(difference) === undefined,
	},
	{
		id: 'a header before its lines',
		reason:
			'An unknown header of a block is one mistake, at the header; gin first looks up the references in its lines.',
		applies: (difference) =>
			codeOf(difference) === 'config.unknown_component' && errorOf(difference)?.code === 'unknown_reference',
	},
	{
		id: 'nothing of a failing text',
		reason: 'A text with a mistake changes nothing; gin keeps the statements before the mistake.',
		applies: (difference, given) => failedBefore(difference, given),
	},
	{
		id: 'finalize looks at everything',
		reason:
			'`finalize` checks macros in any scope, in dicts and their keys, and names what is unknown before what is unbound.',
		applies: (difference, given) => isStep(difference, given, 'finalize') || isAfterStep(difference, given, 'finalize'),
	},
];

/** The deviation that a difference is; undefined for one that is a fault. */
export function deviationOf(difference: Difference, given: Case): Deviation | undefined {
	return deviations.find(({ applies }) => applies(difference, given));
}

function codeOf({ actual }: Difference): string | undefined {
	return actual !== undefined && 'failure' in actual ? actual.failure.code : undefined;
}

function errorOf({ expected }: Difference): RecordedError | undefined {
	return typeof expected === 'object' && expected !== null && 'error' in expected
		? (expected['error'] as unknown as RecordedError)
		: undefined;
}

// Every text that a case gives to gin.
function textOf(given: Case): string {
	const { config = [], bindings = [], files = {}, steps = [] } = given;
	const ofSteps = steps.map((step) => [step['text'] ?? '', step['bindings'] ?? '', step['key'] ?? '']);
	return [config, bindings, Object.values(files), ofSteps].flat(4).join('\n');
}

function hasReturns({ registry = [] }: Case, kind: string): boolean {
	return registry.some(({ returns = '' }) => returns.split(':')[0] === kind);
}

function indexOf({ part }: Difference): number {
	return Number(/^steps\[(\d+)\]$/u.exec(part)?.[1] ?? -1);
}

function isStep(difference: Difference, given: Case, op: string): boolean {
	return given.steps?.[indexOf(difference)]?.op === op;
}

function isAfterStep(difference: Difference, given: Case, op: string): boolean {
	return (given.steps ?? []).slice(0, Math.max(0, indexOf(difference))).some((step) => step.op === op);
}

function isAfterRefusal({ part, actual }: Difference): boolean {
	return part !== 'config' && actual !== undefined && isDeepStrictEqual(actual, { result: '' });
}

// Whether an earlier text of the case was refused.
function failedBefore(difference: Difference, { steps = [], expect }: Case): boolean {
	const outcomes = (expect['steps'] ?? []) as Json[];
	const index = indexOf(difference);
	const before = index === -1 ? steps : steps.slice(0, index);
	return before.some(({ op }, at) => {
		const outcome = outcomes[at];
		return (
			op.startsWith('parse') &&
			op !== 'parse_value' &&
			typeof outcome === 'object' &&
			outcome !== null &&
			'error' in outcome
		);
	});
}
