/**
 * Changes every key and every naming string of every shipped config by one character in every way and counts the changes
 * that no check reports (strings name components, choices, columns and files):
 * `npx tsx scripts/strictness.ts [FILE...]`. Each character is deleted, swapped with the next, and replaced by and
 * preceded by each letter, `_` and `.`. The last line is the figure; the exit code is 1 if anything went unnoticed.
 */
import { readdirSync } from 'node:fs';
import { relative } from 'node:path';
import { knownComponents, rootsOf } from '../src/commands/catalog.ts';
import { loadComponents, projectRoot } from '../src/commands/training-config.ts';
import type { Source, Statement, Value } from '../src/gin/ast.ts';
import { bindingsOf, parse } from '../src/gin/parser.ts';
import { visitValue } from '../src/gin/values.ts';
import { type ParameterInfo, parameterOf } from '../src/registry/catalog.ts';
import { check } from '../src/registry/check.ts';
import { fileSource } from '../src/registry/config-file.ts';
import { refineWith } from '../src/registry/refine.ts';
import { declared } from '../src/registry/registry.ts';
import { watchedColumns } from '../src/train/watched-columns.ts';
import { assemble } from '../test/fixtures/assemble.ts';

const letters = [...'abcdefghijklmnopqrstuvwxyz_.'];
const { catalog } = await knownComponents();
await loadComponents();
const refine = refineWith(declared);
const files = process.argv.length > 2 ? process.argv.slice(2) : shippedConfigs();
const bases: ReadonlyArray<readonly Source[]> = [[], ...shippedConfigs().map((file) => [fileSource(file)])];
let tried = 0;
let unnoticed = 0;
for (const file of files) {
	const source = fileSource(file);
	// What is meant to stand behind another config is checked behind one it fits.
	const base = bases.find((candidate) => isSound(source, candidate));
	if (base === undefined) {
		console.log(`${file}: goes with none of the shipped configs`);
		unnoticed++;
		continue;
	}
	const before = { tried, unnoticed };
	for (const { start, end } of [...keysOf(source), ...stringsOf(source)]) {
		for (const text of changes(source.text, start, end)) {
			tried++;
			if (isSound({ ...source, text }, base)) {
				unnoticed++;
				const line = source.text.slice(0, start).split('\n').length;
				console.log(`${file}:${line}: unnoticed: ${text.split('\n')[line - 1]}`);
			}
		}
	}
	console.log(
		`${relative(projectRoot, file)}${base.length === 0 ? '' : ` after ${relative(projectRoot, base[0]!.name)}`}: ${tried - before.tried} changes, ${unnoticed - before.unnoticed} unnoticed`,
	);
}
console.log(`${tried} changes of keys and naming strings in ${files.length} configs, ${unnoticed} unnoticed`);
process.exitCode = unnoticed === 0 ? 0 : 1;

function shippedConfigs(): string[] {
	return readdirSync(`${projectRoot}/configs`, { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.gin'))
		.sort()
		.map((name) => `${projectRoot}/configs/${name}`);
}

function isSound(source: Source, base: readonly Source[]): boolean {
	const read = (path: string) => {
		try {
			return fileSource(path).text;
		} catch {
			return undefined;
		}
	};
	const surroundings = { read, env: () => undefined, searchPath: [`${projectRoot}/configs`], uses: new Map() };
	const merged = assemble([...base, source], surroundings, catalog);
	return (
		merged.problems.length === 0 &&
		check(merged, catalog, rootsOf(catalog, merged), { rules: [watchedColumns], refine }).problems.length === 0
	);
}

function keysOf(source: Source): Array<{ start: number; end: number }> {
	return [...parse(source, { extensions: true }).statements].flatMap((statement: Statement) =>
		statement.type === 'block'
			? [statement.key, ...statement.bindings.map(({ key }) => key)]
			: statement.type === 'binding' || statement.type === 'macro'
				? [statement.key]
				: [],
	);
}

// What quantities and free texts say is not a name.
function stringsOf(source: Source): Array<{ start: number; end: number }> {
	const { statements } = parse(source, { extensions: true });
	const paths = [...statements].flatMap((statement) => {
		if (statement.type !== 'include' && statement.type !== 'extends') {
			return [];
		}
		const start = source.text.indexOf(statement.path, statement.span.start);
		return [{ start, end: start + statement.path.length }];
	});
	const names = [...bindingsOf(statements)].flatMap((binding) => {
		const component = catalog.component(binding.selector);
		const parameter = component === undefined ? undefined : parameterOf(component, binding.parameter);
		return parameter !== undefined && isNaming(parameter) ? namesIn(source, binding.value) : [];
	});
	return [...paths, ...names];
}

function isNaming({ type, column, name }: ParameterInfo): boolean {
	const parts = type.type === 'list' ? [type.item] : type.type === 'union' ? type.options : [type];
	return column === true || name === 'retries' || parts.some((part) => ['component', 'choice'].includes(part.type));
}

// Without the numbers of `failure=2`.
function namesIn({ text }: Source, value: Value): Array<{ start: number; end: number }> {
	return stringsIn(value).map(({ start, end }) => ({
		start,
		end: text.slice(start, end).includes('=') ? text.lastIndexOf('=', end) : end,
	}));
}

function stringsIn(value: Value): Array<{ start: number; end: number }> {
	const found: Array<{ start: number; end: number }> = [];
	visitValue(value, (part) => {
		if (part.type === 'string' && part.span !== undefined) {
			// Without its quotes.
			found.push({ start: part.span.start + 1, end: part.span.end - 1 });
		}
	});
	return found;
}

function changes(text: string, start: number, end: number): Set<string> {
	const found = new Set<string>();
	for (let at = start; at < end; at++) {
		found.add(text.slice(0, at) + text.slice(at + 1));
		if (at + 1 < end) {
			found.add(text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2));
		}
		for (const letter of letters) {
			found.add(text.slice(0, at) + letter + text.slice(at + 1));
			found.add(text.slice(0, at) + letter + text.slice(at));
		}
	}
	found.delete(text);
	return found;
}
