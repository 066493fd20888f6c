import type { Source, Statement, Value } from '../src/gin/ast.ts';
import { format } from '../src/gin/format.ts';
import { parse } from '../src/gin/parser.ts';
import { formatProblem } from '../src/gin/positions.ts';
import { isPrintable, printBinding } from '../src/gin/printer.ts';
import { keyIdentity } from '../src/gin/values.ts';
import { assemble } from '../test/fixtures/assemble.ts';

/** What became of a text that was fed to the language. */
export interface Fed {
	readonly isAccepted: boolean;
	/** How many bindings were printed and read again. */
	readonly printed: number;
}

const problemCode = /^[a-z]+(?:[._][a-z]+)*$/;

/**
 * Reads, merges, prints and formats a text and throws where a law is broken: every text is read or refused with problems
 * that can be shown; what is printed reads back as the same; formatting twice is formatting once.
 */
export function feed(source: Source, extensions: boolean): Fed {
	const { statements, problems, comments } = parse(source, { extensions });
	for (const { code, message, span, after } of problems) {
		const text = formatProblem(span, message);
		if (!problemCode.test(code) || !text.includes(source.name) || after > statements.length) {
			throw new Error(`a problem that cannot be shown: ${code}: ${text}`);
		}
	}
	for (const { text, span } of comments) {
		if (!text.startsWith('#') || source.text.slice(span.start, span.end) !== text) {
			throw new Error(`a comment that is none: ${text}`);
		}
	}
	const assigned = [...statements].flatMap(assignments);
	assemble([source], { read: () => undefined, env: () => undefined, searchPath: [], uses: new Map() });
	if (problems.length > 0) {
		return { isAccepted: false, printed: 0 };
	}
	const printable = assigned.filter(({ value }) => isPrintable(value, extensions));
	printAndRead(printable, extensions);
	if (extensions && source.kind === 'file') {
		formatTwice(source);
	}
	return { isAccepted: true, printed: printable.length };
}

/** Whether two values are the same data: places and the order of dicts do not count. */
export function sameValue(a: Value, b: Value): boolean {
	if ((a.type === 'list' && b.type === 'list') || (a.type === 'tuple' && b.type === 'tuple')) {
		return a.items.length === b.items.length && a.items.every((item, index) => sameValue(item, b.items[index]!));
	}
	if (a.type === 'dict' && b.type === 'dict') {
		const others = new Map(b.entries.map((entry) => [keyIdentity(entry[0]), entry]));
		return (
			a.entries.length === b.entries.length &&
			a.entries.every(([key, value]) => {
				const other = others.get(keyIdentity(key));
				return other !== undefined && sameValue(key, other[0]) && sameValue(value, other[1]);
			})
		);
	}
	if (a.type === 'env' && b.type === 'env' && a.fallback !== undefined && b.fallback !== undefined) {
		return a.name === b.name && sameValue(a.fallback, b.fallback);
	}
	if (a.type === 'call' && b.type === 'call') {
		return (
			a.name === b.name && a.args.length === b.args.length && a.args.every((one, at) => sameValue(one, b.args[at]!))
		);
	}
	const { span: _, ...left } = a;
	const { span: __, ...right } = b;
	const names = Object.keys(left) as Array<keyof typeof left>;
	return names.every((name) => sameLeaf(left[name], (right as typeof left)[name]));
}

interface Assignment {
	readonly key: string;
	readonly operator: '=' | '|=';
	readonly value: Value;
}

function assignments(statement: Statement): Assignment[] {
	if (statement.type === 'block') {
		return [...statement.bindings].flatMap(assignments);
	}
	if (statement.type !== 'binding' && statement.type !== 'macro') {
		return [];
	}
	const { scope, operator, value } = statement;
	const name = statement.type === 'macro' ? statement.name : `${statement.selector}.${statement.parameter}`;
	return [{ key: scope === '' ? name : `${scope}/${name}`, operator, value }];
}

function printAndRead(before: readonly Assignment[], extensions: boolean): void {
	const lines = before.map(({ key, value, operator }) => printBinding(key, value, { operator, extensions }));
	const text = `${lines.join('\n')}\n`;
	const { statements, problems } = parse({ name: 'printed', kind: 'file', text }, { extensions });
	const after = [...statements].flatMap(assignments);
	const differs = before.findIndex(({ key, operator, value }, index) => {
		const again = after[index];
		return again === undefined || again.key !== key || again.operator !== operator || !sameValue(again.value, value);
	});
	if (problems.length > 0 || after.length !== before.length || differs !== -1) {
		throw new Error(`printed, this does not read back: ${lines[Math.max(0, differs)]} (${problems[0]?.message})`);
	}
}

function formatTwice(source: Source): void {
	const once = format(source);
	const again = format({ ...source, text: once.text });
	if (once.problems.length > 0 || again.problems.length > 0 || again.text !== once.text) {
		throw new Error('formatting twice differs from formatting once');
	}
}

function sameLeaf(a: unknown, b: unknown): boolean {
	if (a instanceof Uint8Array && b instanceof Uint8Array) {
		return Buffer.compare(a, b) === 0;
	}
	return Object.is(a, b);
}
