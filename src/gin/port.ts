import type { Problem } from '../core/errors.ts';
import type { Source, Span, Statement } from './ast.ts';
import { parse } from './parser.ts';
import { positionOf } from './positions.ts';

/** A statement of the file that was read that has no place here, and why. */
export interface Misfit {
	/** Of the file as it was read, from 1. */
	readonly line: number;
	/** How many lines it has. */
	readonly lines: number;
	/** The first of them. */
	readonly text: string;
	readonly reason: string;
}

export interface Ported {
	readonly text: string;
	readonly misfits: readonly Misfit[];
	/** Values that were written in another way, which means the same. */
	readonly rewritten: number;
	/** What the file as a whole lacks. */
	readonly lacks: readonly Problem[];
}

/** What is known of a text: everything wrong with it. */
export type Examine = (source: Source) => Promise<readonly Problem[]>;

/** One problem may hide others, hardly so many one behind the other. */
const mostRounds = 50;

/**
 * A file of another project in gimlet's form: what means the same is rewritten, and statements that do not fit become
 * comments, until `examine` finds nothing wrong.
 */
export async function port(source: Source, examine: Examine): Promise<Ported> {
	const work = new Work(source);
	for (let round = 0; round < mostRounds; round++) {
		const current = work.source;
		const found = await examine(current);
		const own = toMend(found, current);
		if (own.length === 0 || !work.mend(own)) {
			return { ...work.result(), lacks: found };
		}
	}
	return { ...work.result(), lacks: await examine(work.source) };
}

// What cannot be read hides what is around it; a value that must be given fits, and is lacking.
function toMend(problems: readonly Problem[], { name }: Source): readonly Problem[] {
	const own = problems.filter(({ code, span }) => span?.source.name === name && code !== 'config.missing_value');
	const unread = own.filter(({ code }) => code.startsWith('config.syntax.'));
	return unread.length > 0 ? unread : own;
}

interface Line {
	text: string;
	/** Of the file as it was read; undefined for lines that were put in. */
	readonly from: number | undefined;
}

class Work {
	readonly #name: string;
	#lines: Line[];
	readonly #misfits: Misfit[] = [];
	#rewritten = 0;

	constructor({ name, text }: Source) {
		this.#name = name;
		this.#lines = text.split(/\r?\n/u).map((line, index) => ({ text: line, from: index + 1 }));
	}

	get source(): Source {
		return { name: this.#name, kind: 'file', text: this.#lines.map(({ text }) => text).join('\n') };
	}

	result(): Omit<Ported, 'lacks'> {
		const misfits = this.#misfits.toSorted((a, b) => a.line - b.line);
		return { text: this.source.text, misfits, rewritten: this.#rewritten };
	}

	/** Deals with every problem that has a statement; false where there is none. */
	mend(problems: readonly Problem[]): boolean {
		const { source } = this;
		const parts = statementsOf(source);
		const out = new Map<Part, string>();
		for (const { span, message } of problems) {
			const { line } = positionOf(source, span!.start);
			const part = parts.findLast((one) => one.first <= line && line <= one.last);
			const key = part ?? { first: line, last: line };
			if (!this.#rewrite(source, span!, message) && !out.has(key)) {
				out.set(key, message);
			}
		}
		for (const [{ first, last }, reason] of [...out].sort(([a], [b]) => b.first - a.first)) {
			this.#comment(first, last, reason);
		}
		return out.size > 0 || this.source.text !== source.text;
	}

	// Lines stay the lines they are, so that other places of the same text hold.
	#rewrite({ text }: Source, { start, end }: Span, message: string): boolean {
		const written = text.slice(start, end);
		const number = /^-?\d[\d_.]*(?:[eE][+-]?\d+)?$/u.test(written) ? Number(written.replaceAll('_', '')) : Number.NaN;
		if (message.includes('expects integer') && Number.isSafeInteger(number) && /[.eE]/u.test(written)) {
			return this.#replace(text, start, end, String(number));
		}
		const minus = text.slice(0, start).trimEnd().endsWith('-') ? text.lastIndexOf('-', start) : start;
		if (message.startsWith('"-" may stand before a number only') && /[%@]/u.test(text[end - 1] ?? '')) {
			// gin drops this minus without a word.
			return this.#replace(text, minus, minus + 1, '');
		}
		return false;
	}

	#replace(text: string, start: number, end: number, by: string): boolean {
		const before = text.slice(0, start).split('\n');
		const line = this.#lines[before.length - 1]!;
		const column = before.at(-1)!.length;
		if (line.text.slice(column, column + end - start) !== text.slice(start, end)) {
			return false;
		}
		line.text = line.text.slice(0, column) + by + line.text.slice(column + end - start);
		this.#rewritten++;
		return true;
	}

	#comment(first: number, last: number, reason: string): void {
		const range = this.#lines.slice(first - 1, last);
		const head = range.find(({ text, from }) => from !== undefined && !/^\s*(?:#|$)/u.test(text));
		if (head === undefined) {
			return;
		}
		const indent = /^\s*/u.exec(head.text)![0];
		this.#misfits.push({ line: head.from!, lines: range.length, text: head.text.trim(), reason });
		const said: Line = { text: `${indent}# Does not fit: ${reason.replaceAll(/\s+/gu, ' ')}`, from: undefined };
		const commented = range.map(({ text, from }) => ({
			text: `${indent}# ${text.slice(indent.length)}`.trimEnd(),
			from,
		}));
		this.#lines.splice(first - 1, range.length, said, ...commented);
	}
}

/** What can be taken out of a text by itself: lines from 1. */
interface Part {
	readonly first: number;
	readonly last: number;
}

// A block before its lines: who looks for the last that holds a line finds the innermost.
function statementsOf(source: Source): Part[] {
	const { statements } = parse(source, { extensions: true });
	const partOf = ({ span }: Statement): Part => ({
		first: positionOf(source, span.start).line,
		last: positionOf(source, Math.max(span.start, span.end - 1)).line,
	});
	return [...statements].flatMap((statement) => {
		if (statement.type !== 'block') {
			return [partOf(statement)];
		}
		const inner = [...statement.bindings].map(partOf);
		// A block must hold something.
		return inner.length > 1 ? [partOf(statement), ...inner] : [partOf(statement)];
	});
}
