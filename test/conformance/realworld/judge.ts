import type { Problem } from '../../../src/core/errors.ts';
import type { Source, Value } from '../../../src/gin/ast.ts';
import { format } from '../../../src/gin/format.ts';
import { bindingsOf, parse } from '../../../src/gin/parser.ts';
import { port } from '../../../src/gin/port.ts';
import { printBinding } from '../../../src/gin/printer.ts';
import { visitValue } from '../../../src/gin/values.ts';
import type { Checked } from '../../../src/registry/check.ts';
import { completeConfig } from '../../../src/registry/complete-config.ts';
import { Configuration } from '../../../src/registry/configuration.ts';
import { operativeOf } from '../../../src/registry/operative.ts';
import type { Registry } from '../../../src/registry/registry.ts';
import { standIns } from './stand-ins.ts';

/** What became of a real file: empty lists where all is well. */
export interface Judged {
	readonly check: readonly string[];
	/** Where `fmt` or `expand` changed the meaning. */
	readonly meaning: readonly string[];
	/** Where what `port` prints does not check, or what it says does not fit does. */
	readonly port: readonly string[];
	readonly misfits: number;
}

/**
 * A file of another project through production, with components made up from its names; every component is a root. Values
 * that must be given are given, and files that are not here count for nothing.
 */
export async function judgeReal(text: string): Promise<Judged> {
	const registry = standIns(text);
	const given = givenFor(text);
	const { config, checked } = await checkedText(text, registry, given);
	const check = own(checked.problems).map(({ text: shown }) => shown.split('\n')[0]!);
	const meaning = check.length > 0 ? [] : await meaningKept(config, checked, text, registry, given);
	return { check, meaning, ...(await ported(text, registry, given)) };
}

async function checkedText(text: string, registry: Registry, bindings: readonly string[]) {
	const config = await Configuration.fromText(text, { registry, bindings, skipImports: true });
	return { config, checked: config.check(registry.names(), { allowUnused: true }) };
}

// Files that are not here hold nothing that would be missed.
function own(problems: readonly Problem[]): Problem[] {
	return problems.filter(({ code }) => code !== 'config.include_missing');
}

// `LR = %gin.REQUIRED`, and macros of modules that are not here: whoever uses the file gives them.
function givenFor(text: string, value: Value = { type: 'int', value: 1 }): string[] {
	const { statements } = parse({ name: 'real', kind: 'text', text }, { extensions: true });
	const bound = new Set<string>();
	const required = new Set<string>();
	const used = new Set<string>();
	for (const statement of statements) {
		const bindings = statement.type === 'macro' ? [] : [...bindingsOf([statement])];
		const values = statement.type === 'macro' ? [statement.value] : bindings.map(({ value }) => value);
		const isRequired = (at: number) => values[at]?.type === 'macro' && values[at].name.endsWith('REQUIRED');
		if (statement.type === 'macro') {
			(isRequired(0) ? required : bound).add(pathOf(statement.scope, statement.name));
		}
		bindings.forEach(({ scope, selector, parameter }, at) => {
			// It may be a macro of a dotted name.
			(isRequired(at) ? required : bound).add(pathOf(scope, `${selector}.${parameter}`));
		});
		for (const value of values) {
			visitValue(value, (part) => void (part.type === 'macro' && used.add(pathOf(part.scope, part.name))));
		}
	}
	const unbound = [...used].filter((path) => !bound.has(path) && !required.has(path) && !path.endsWith('REQUIRED'));
	return [...required, ...unbound].map((path) => printBinding(path, value));
}

function pathOf(scope: string, name: string): string {
	return scope === '' ? name : `${scope}/${name}`;
}

async function meaningKept(
	config: Configuration,
	checked: Checked,
	text: string,
	registry: Registry,
	given: readonly string[],
): Promise<string[]> {
	const before = operativeOf(checked.reached.nodes, checked.lookup).hash;
	const formatted = format({ name: 'real', kind: 'file', text }).text;
	const expanded = completeConfig(checked.reached, checked.lookup, { plugins: config.plugins });
	const found: string[] = [];
	for (const [name, other, bindings] of [
		['fmt', formatted, given],
		// Texts of secrets are not written.
		['expand', expanded, givenFor(expanded, { type: 'string', value: 'x' })],
	] as const) {
		const { checked: again } = await checkedText(other, registry, bindings);
		if (own(again.problems).length > 0 || operativeOf(again.reached.nodes, again.lookup).hash !== before) {
			found.push(`${name}: ${own(again.problems)[0]?.text ?? 'another meaning'}`);
		}
	}
	return found;
}

async function ported(text: string, registry: Registry, bindings: readonly string[]) {
	const examine = async (source: Source): Promise<readonly Problem[]> => {
		const config = await Configuration.fromSources([source], { registry, bindings });
		return config.check(registry.names(), { policy: { unused: false } }).problems;
	};
	const source: Source = { name: 'real.gin', kind: 'file', text };
	const { text: printed, misfits, lacks } = await port(source, examine);
	const wrong = lacks.map((problem) => `printed: ${problem.text.split('\n')[0]}`);
	for (const { at, lines, shown } of placesIn(printed, misfits.length)) {
		const restored = [...shown];
		const count = misfits.find((one) => restored[at + 1]?.includes(one.text))?.lines ?? lines;
		restored.splice(at, 1 + count, ...restored.slice(at + 1, at + 1 + count).map((line) => line.replace('# ', '')));
		const problems = await examine({ ...source, text: restored.join('\n') });
		if (problems.length === 0) {
			wrong.push(`fits: ${restored[at]}`);
		}
	}
	return { port: wrong, misfits: misfits.length };
}

function placesIn(printed: string, most: number) {
	const shown = printed.split('\n');
	const places = shown.flatMap((line, at) =>
		line.trimStart().startsWith('# Does not fit: ') ? [{ at, lines: 1, shown }] : [],
	);
	return places.length === most ? places : [];
}
