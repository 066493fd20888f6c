import { GimletError, type Problem } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { Assignment } from '../assignment.ts';
import type { MacroValue, ReferenceValue, Source, Span, Statement, Value } from '../ast.ts';
import { deepest } from '../model/scopes.ts';
import { parseTable } from '../parser.ts';
import { positionOf } from '../positions.ts';
import { problemAt } from '../problem.ts';
import { resolveEnv } from './environment.ts';
import type { ChainLink, MergedEnv, MergedFile, MergedImport, MergedUse, Surroundings } from './merged.ts';
import { type Line, linesOf, Part } from './part.ts';
import { candidates, folderOf, parentOf } from './paths.ts';

/** Everything the files and `-b` lines say, in the order in which it counts. */
export interface Gathered {
	readonly lines: readonly Line[];
	readonly files: readonly MergedFile[];
	readonly imports: readonly MergedImport[];
	readonly chain: readonly ChainLink[];
	readonly uses: readonly MergedUse[];
	readonly environment: readonly MergedEnv[];
	readonly problems: readonly Problem[];
	/** What stood in statements that could not be read: names used there are not unused. */
	readonly broken: ReadonlyArray<ReferenceValue | MacroValue>;
}

export type { Line } from './part.ts';

/** Reads the roots and all they name; nothing needs to be known of the components yet. */
export function gather(roots: readonly Source[], surroundings: Surroundings): Gathered {
	const walk = new Walk(surroundings);
	walk.sources(roots);
	const unplaced = [...surroundings.uses].filter(([group]) => !walk.groups.has(group));
	if (unplaced.length === 0) {
		return walk.result();
	}
	// A group that no file mentions is chosen after the files and before the -b lines.
	const second = new Walk(surroundings, [...walk.groups]);
	const firstBinding = roots.findIndex(({ kind }) => kind === 'bindings');
	const at = firstBinding === -1 ? roots.length : firstBinding;
	second.sources([
		...roots.slice(0, at),
		...unplaced.map(([group, choice]) => useSource(group, choice)),
		...roots.slice(at),
	]);
	return second.result();
}

/** Where a file is named, and the files above it. */
interface Place {
	readonly via: MergedFile['via'];
	readonly from: Span | undefined;
	readonly stack: readonly string[];
	/** The groups whose choice is being read. */
	readonly groups: readonly string[];
}

// Everything is visited from the last statement to the first: so the first `use` met of a group is the one that counts,
// and the choices it replaces are never read. The lists are turned round at the end.
class Walk {
	readonly #surroundings: Surroundings;
	/** The groups that some `use` line names. */
	readonly groups = new Set<string>();
	/** The groups of the files, where a choice is made of one that they do not name. */
	readonly #named: readonly string[] | undefined;
	/** Folders of the files that the user names. */
	#rootFolders: readonly string[] = [];
	readonly #roots: Part[] = [];
	/** Files that have been read, whole. */
	readonly #known = new Map<string, Part>();
	readonly #files: MergedFile[] = [];
	readonly #imports: MergedImport[] = [];
	readonly #chain: ChainLink[] = [];
	readonly #uses: MergedUse[] = [];
	readonly #environment: MergedEnv[] = [];
	readonly #problems: Problem[] = [];
	readonly #broken: Array<ReferenceValue | MacroValue> = [];

	constructor(surroundings: Surroundings, named?: readonly string[]) {
		this.#surroundings = surroundings;
		this.#named = named;
	}

	sources(roots: readonly Source[]): void {
		this.#rootFolders = roots.map(folderOf);
		for (const root of roots.toReversed()) {
			this.#roots.push(this.#source(root, { via: 'root', from: undefined, stack: [], groups: [] }));
		}
	}

	result(): Gathered {
		const lines = linesOf(this.#roots);
		if (lines === undefined) {
			const { from } = this.#files.find((file) => file.from !== undefined)!;
			this.#problem('config.include_size', from!, 'files name files so often that there are millions of lines');
		}
		return {
			lines: lines?.reverse() ?? [],
			files: this.#files.toReversed(),
			imports: this.#imports.toReversed(),
			chain: this.#chain,
			uses: this.#uses.toReversed(),
			environment: this.#environment.toReversed(),
			problems: this.#problems.toReversed(),
			broken: this.#broken,
		};
	}

	#source(source: Source, { via, from, stack, groups }: Place): Part {
		const part = new Part();
		const inner: Place = { via, from, stack: source.kind === 'file' ? [...stack, source.name] : stack, groups };
		const { table, problems } = parseTable(source, { extensions: true });
		if (isNoConfig(source, table.length, problems.length, via)) {
			const { span } = problems[0]!;
			const message = `"${source.name}" is no config: its line ${positionOf(source, span.start).line} is none of the config language (its text is not shown)`;
			this.#problem('config.no_config', from ?? span, message);
			return part;
		}
		const take = this.#taker(source, part);
		for (let row = table.length - 1; row >= 0; row--) {
			const statement = table.backwards(row, take);
			if (statement !== undefined) {
				this.#statement(statement, inner, part);
			}
		}
		for (const problem of problems.toReversed()) {
			this.#problem(`config.${problem.code}`, problem.span, problem.message);
			for (const reference of problem.references) {
				this.#broken.push(reference);
			}
		}
		if (source.kind === 'file') {
			this.#files.push({ path: source.name, text: source.text, via, from });
		}
		return part;
	}

	// Most texts hold no env() at all, and their values need not be looked at.
	#taker(source: Source, { items }: Part): (assignment: Assignment) => void {
		if (!source.text.includes('env')) {
			return (assignment) => items.push(assignment);
		}
		return (assignment) => {
			assignment.value = this.#resolved(assignment.value);
			items.push(assignment);
		};
	}

	#statement(statement: Statement, place: Place, part: Part): void {
		switch (statement.type) {
			case 'unset':
				part.items.push(statement);
				break;
			case 'import':
				this.#imports.push({ statement, folder: folderOf(statement.span.source) });
				break;
			case 'include':
				this.#open(statement.path, statement.span, { ...place, via: 'include' }, part);
				break;
			case 'extends':
				this.#extends(statement.path, statement.span, place, part);
				break;
			case 'use':
				this.#use(statement.group, statement.choice, statement.span, place, part);
				break;
		}
	}

	#extends(path: string, span: Span, place: Place, part: Part): void {
		const child = span.source.name;
		// The chain is found from the root upwards only if a step is noted before its parent is read.
		const at = this.#chain.length;
		const parent = this.#open(path, span, { ...place, via: 'extends' }, part);
		if (parent !== undefined) {
			this.#chain.splice(at, 0, { child, parent, span });
		}
	}

	#use(group: string, written: Value, span: Span, place: Place, part: Part): void {
		part.uses.push({ group, span });
		if (this.#isUseCycle(group, span, place) || this.groups.has(group)) {
			return;
		}
		this.groups.add(group);
		const given = this.#surroundings.uses.get(group);
		const before = this.#problems.length;
		const value = given === undefined ? this.#resolved(written) : undefined;
		if (this.#problems.length > before) {
			return;
		}
		const choice = given ?? (value?.type === 'string' ? value.value : undefined);
		if (choice === undefined) {
			this.#problem('config.use_choice', span, `the choice of "${group}" must be a string`);
			return;
		}
		if (!isPlainName(group) || !isPlainName(choice)) {
			const message = `"${group}/${choice}" is not the name of a choice (letters, digits, _ - . and /)`;
			this.#problem('config.use_choice', span, message);
			return;
		}
		const inner: Place = { ...place, via: 'use', groups: [...place.groups, group] };
		const path = this.#open(`${group}/${choice}.gin`, span, inner, part);
		if (path !== undefined) {
			this.#uses.push({ group, choice, path, span, fromCommandLine: given !== undefined });
		}
	}

	#isUseCycle(group: string, span: Span, { groups }: Place): boolean {
		const isCycle = groups.includes(group);
		if (isCycle) {
			this.#problem('config.use_cycle', span, `a choice of "${group}" cannot itself choose "${group}"`);
		}
		return isCycle;
	}

	/** Takes in the first candidate there is; its path, or undefined after a problem. */
	#open(path: string, span: Span, place: Place, into: Part): string | undefined {
		const { searchPath } = this.#surroundings;
		// A choice may lie beside any of the configs that the user names, whatever file of theirs makes it.
		const more = place.via === 'use' ? [...this.#rootFolders, ...searchPath] : searchPath;
		const tried = candidates(path, folderOf(span.source), more);
		if (place.stack.length >= deepest) {
			const message = `"${path}" is named by files that name one another more than ${deepest} deep`;
			this.#problem('config.include_depth', span, message);
			return undefined;
		}
		for (const candidate of tried) {
			if (place.stack.includes(candidate)) {
				const chain = [...place.stack.slice(place.stack.indexOf(candidate)), candidate].join(' -> ');
				this.#problem(`config.${place.via}_cycle`, span, `"${path}" leads back to itself: ${chain}`);
				return undefined;
			}
			const part = this.#partOf(candidate, span, place);
			if (part === 'unreadable') {
				return undefined;
			}
			if (part !== undefined) {
				into.add(part, place.via === 'use');
				return candidate;
			}
		}
		const hint = this.#hintFor(path, tried, place.via);
		this.#problem(
			`config.${place.via}_missing`,
			span,
			`there is no file "${path}"; looked for ${tried.join(', ')}${hint === '' || hint.startsWith('.') ? hint : `.${hint}`}`,
		);
		return undefined;
	}

	// A file that cannot be read is a mistake of the line that names it; the rest is still looked at.
	#partOf(candidate: string, span: Span, place: Place): Part | 'unreadable' | undefined {
		const known = this.#known.get(candidate);
		if (known !== undefined) {
			known.uses.forEach((use) => void this.#isUseCycle(use.group, use.span, place));
			return known.repeated();
		}
		let text: string | undefined;
		try {
			text = this.#surroundings.read(candidate, span.source);
		} catch (error) {
			if (!(error instanceof GimletError)) {
				throw error;
			}
			this.#problem(error.code, span, error.message);
			return 'unreadable';
		}
		if (text === undefined) {
			return undefined;
		}
		const isHidden = !candidate.endsWith('.gin');
		const part = this.#source({ name: candidate, kind: 'file', text, isHidden }, { ...place, from: span });
		this.#known.set(candidate, part);
		return part;
	}

	#hintFor(path: string, tried: readonly string[], via: MergedFile['via']): string {
		const names = [...new Set(tried.flatMap((candidate) => this.#surroundings.list?.(parentOf(candidate)) ?? []))];
		const wanted = path.slice(path.lastIndexOf('/') + 1);
		if (via !== 'use') {
			return didYouMean(wanted, names);
		}
		const [group] = path.split('/');
		if (this.#named?.includes(group!) === false) {
			return unnamedGroup(group!, this.#named);
		}
		const choices = names.filter((name) => name.endsWith('.gin')).map((name) => name.slice(0, -'.gin'.length));
		const there = choices.length === 0 ? '' : `. The choices are ${choices.sort().join(', ')}.`;
		return `${there}${didYouMean(wanted.slice(0, -'.gin'.length), choices)}`;
	}

	#resolved(value: Value): Value {
		const { value: resolved, found, problems } = resolveEnv(value, this.#surroundings.env);
		this.#environment.push(...found.toReversed());
		this.#problems.push(...problems.toReversed());
		return resolved;
	}

	#problem(code: string, span: Span, message: string): void {
		this.#problems.push(problemAt(code, span, message));
	}
}

/** With so many mistakes, and fewer statements than mistakes, a text is hardly meant as a config. */
const hardlyMeant = 3;

// A file of passwords, say: showing what is wrong with it would show what is in it.
function isNoConfig(source: Source, statements: number, problems: number, via: MergedFile['via']): boolean {
	const isUnlike = via !== 'root' && problems >= hardlyMeant && problems > statements;
	return problems > 0 && (source.isHidden === true || isUnlike);
}

function isPlainName(name: string): boolean {
	return /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(name) && !name.includes('..');
}

function unnamedGroup(group: string, named: readonly string[]): string {
	const known = named.length === 0 ? 'they have none' : `they use ${named.toSorted().join(', ')}`;
	return `. No line of the files says "use ${group}": ${known}.${didYouMean(group, named)}`;
}

function useSource(group: string, choice: string): Source {
	const text = `use ${group} = '${choice.replaceAll(/[\\'\n\r]/g, '?')}'`;
	return { name: `--use ${group}=${choice}`, kind: 'bindings', text };
}
