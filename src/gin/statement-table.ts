import type { BindingStatement, Source, Span, Statement, Statements, Value } from './ast.ts';
import { MadeList } from './made-list.ts';
import { column, Rows, rowKind } from './rows.ts';
import type { Selector } from './selectors.ts';
import { ValueParser } from './value-parser.ts';

/** The statements of one text as numbers: each becomes an object, and its value is read again, when it is asked for. */
export class StatementTable {
	readonly #source: Source;
	readonly #extensions: boolean;
	readonly #rows = new Rows();
	readonly #lines = new Rows();
	readonly #others: Statement[] = [];
	#reader: ValueParser | undefined;

	constructor(source: Source, extensions: boolean) {
		this.#source = source;
		this.#extensions = extensions;
	}

	/** How many statements there are. */
	get length(): number {
		return this.#rows.length;
	}

	/** How many lines the blocks have, those of a block being read included. */
	get lines(): number {
		return this.#lines.length;
	}

	/** Every statement added so far. */
	statements(): Statements<Statement> {
		return new MadeList(this.#rows.length, (row) => this.#statement(row));
	}

	/** Adds `key = value`, or where it `merges` `key |= value`. */
	addAssignment(key: Selector, merges: boolean, valueStart: number, end: number): void {
		const kind = merges ? rowKind.merge : rowKind.assignment;
		this.#rows.add(kind, key.start, key.lastSlash, key.lastDot, key.end, end, valueStart, 0);
	}

	/** Adds one line of a block. */
	addLine(start: number, keyEnd: number, merges: boolean, valueStart: number, end: number): void {
		this.#lines.add(merges ? rowKind.merge : rowKind.assignment, start, -1, -1, keyEnd, end, valueStart, 0);
	}

	/** Adds a block of the lines since `firstLine`; without any it ends at `emptyEnd`. */
	addBlock(key: Selector, firstLine: number, emptyEnd: number): void {
		const last = this.#lines.length;
		const end = last > firstLine ? this.#lines.get(last - 1, column.end) : emptyEnd;
		this.#rows.add(rowKind.block, key.start, key.lastSlash, -1, key.end, end, firstLine, last);
	}

	/** Adds a statement that is neither of these. */
	addOther(statement: Statement): void {
		this.#rows.add(rowKind.other, 0, -1, -1, 0, 0, this.#others.length, 0);
		this.#others.push(statement);
	}

	#statement(row: number): Statement {
		const rows = this.#rows;
		const kind = rows.get(row, column.kind);
		const first = rows.get(row, column.first);
		if (kind === rowKind.other) {
			return this.#others[first]!;
		}
		const { text } = this.#source;
		const start = rows.get(row, column.start);
		const slash = rows.get(row, column.slash);
		const dot = rows.get(row, column.dot);
		const keyEnd = rows.get(row, column.keyEnd);
		const scope = slash < 0 ? '' : text.slice(start, slash);
		const name = text.slice(slash < 0 ? start : slash + 1, dot < 0 ? keyEnd : dot);
		const span = this.#span(start, rows.get(row, column.end));
		const key = this.#span(start, keyEnd);
		if (kind === rowKind.block) {
			const count = rows.get(row, column.last) - first;
			const bindings = new MadeList(count, (line) => this.#line(first + line, scope, name));
			return { type: 'block', scope, selector: name, bindings, span, key };
		}
		const operator = kind === rowKind.merge ? '|=' : '=';
		const value = this.#value(first);
		if (dot < 0) {
			return { type: 'macro', scope, name, operator, value, span, key };
		}
		const parameter = text.slice(dot + 1, keyEnd);
		return { type: 'binding', scope, selector: name, parameter, operator, value, span, key };
	}

	#line(line: number, scope: string, selector: string): BindingStatement {
		const lines = this.#lines;
		const start = lines.get(line, column.start);
		const keyEnd = lines.get(line, column.keyEnd);
		const operator = lines.get(line, column.kind) === rowKind.merge ? '|=' : '=';
		const parameter = this.#source.text.slice(start, keyEnd);
		const value = this.#value(lines.get(line, column.first));
		const span = this.#span(start, lines.get(line, column.end));
		return { type: 'binding', scope, selector, parameter, operator, value, span, key: this.#span(start, keyEnd) };
	}

	#value(start: number): Value {
		this.#reader ??= new ValueParser(this.#source, this.#extensions);
		return this.#reader.valueAt(start);
	}

	#span(start: number, end: number): Span {
		return { source: this.#source, start, end };
	}
}
