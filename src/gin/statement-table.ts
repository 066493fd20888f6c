import { Assignment } from './assignment.ts';
import type { BindingStatement, Source, Span, Statement, Statements, Value } from './ast.ts';
import { MadeList } from './made-list.ts';
import { column, Rows, rowKind } from './rows.ts';
import type { Selector } from './selectors.ts';
import { ValueParser } from './value-parser.ts';

/** The statements of one text as numbers: each becomes an object, and its value is read again, when it is asked for. */
export class StatementTable {
	/** One for each statement. */
	readonly rows = new Rows();
	/** One for each line of a block, those of a block being read included. */
	readonly lines = new Rows();
	/** Whether some value uses a macro of a dotted name, be it in a statement that could not be read. */
	hasDottedMacros = false;
	readonly #extensions: boolean;
	readonly #others: Statement[] = [];
	readonly #kept: Value[] | undefined;
	#reader: ValueParser | undefined;

	constructor(
		readonly source: Source,
		extensions: boolean,
		keepsValues: boolean,
	) {
		this.#extensions = extensions;
		this.#kept = keepsValues ? [] : undefined;
	}

	/** How many statements there are. */
	get length(): number {
		return this.rows.length;
	}

	/** Every statement added so far. */
	statements(): Statements<Statement> {
		return new MadeList(this.rows.length, (row) => this.#statement(row));
	}

	/** Every assignment of a statement, the last first: itself, or those of a block; the statement where it is another. */
	backwards(row: number, see: (assignment: Assignment) => void): Statement | undefined {
		const kind = this.rows.get(row, column.kind);
		if (kind === rowKind.other) {
			return this.#others[this.rows.get(row, column.first)]!;
		}
		if (kind !== rowKind.block) {
			see(new Assignment(this, row, -1));
			return undefined;
		}
		const first = this.rows.get(row, column.first);
		for (let line = this.rows.get(row, column.last) - 1; line >= first; line--) {
			see(new Assignment(this, line, row));
		}
		return undefined;
	}

	/** Adds `key = value`, or where it `merges` `key |= value`. */
	addAssignment(key: Selector, merges: boolean, valueStart: number, end: number, value: Value): void {
		const kind = merges ? rowKind.merge : rowKind.assignment;
		this.rows.add(kind, key.start, key.lastSlash, key.lastDot, key.end, end, valueStart, this.#keep(value));
	}

	/** Adds one line of a block. */
	addLine(start: number, keyEnd: number, merges: boolean, valueStart: number, end: number, value: Value): void {
		const kind = merges ? rowKind.merge : rowKind.assignment;
		this.lines.add(kind, start, -1, -1, keyEnd, end, valueStart, this.#keep(value));
	}

	/** Adds a block of the lines since `firstLine`; without any it ends at `emptyEnd`. */
	addBlock(key: Selector, firstLine: number, emptyEnd: number): void {
		const last = this.lines.length;
		const end = last > firstLine ? this.lines.get(last - 1, column.end) : emptyEnd;
		this.rows.add(rowKind.block, key.start, key.lastSlash, -1, key.end, end, firstLine, last);
	}

	/** Adds a statement that is neither of these. */
	addOther(statement: Statement): void {
		this.rows.add(rowKind.other, 0, -1, -1, 0, 0, this.#others.length, 0);
		this.#others.push(statement);
	}

	/** Reads the value that begins at an offset, unless it is the one that was kept as the `kept`th. */
	value(start: number, kept: number): Value {
		if (kept > 0) {
			return this.#kept![kept - 1]!;
		}
		this.#reader ??= new ValueParser(this.source, this.#extensions);
		return this.#reader.valueAt(start);
	}

	/** A range of the text. */
	span(start: number, end: number): Span {
		return { source: this.source, start, end };
	}

	#keep(value: Value): number {
		return this.#kept === undefined ? 0 : this.#kept.push(value);
	}

	#statement(row: number): Statement {
		const { rows } = this;
		const kind = rows.get(row, column.kind);
		const first = rows.get(row, column.first);
		if (kind === rowKind.other) {
			return this.#others[first]!;
		}
		const { text } = this.source;
		const start = rows.get(row, column.start);
		const slash = rows.get(row, column.slash);
		const dot = rows.get(row, column.dot);
		const keyEnd = rows.get(row, column.keyEnd);
		const scope = slash < 0 ? '' : text.slice(start, slash);
		const name = text.slice(slash < 0 ? start : slash + 1, dot < 0 ? keyEnd : dot);
		const span = this.span(start, rows.get(row, column.end));
		const key = this.span(start, keyEnd);
		if (kind === rowKind.block) {
			const count = rows.get(row, column.last) - first;
			const bindings = new MadeList(count, (line) => this.#line(first + line, scope, name));
			return { type: 'block', scope, selector: name, bindings, span, key };
		}
		const operator = kind === rowKind.merge ? '|=' : '=';
		const value = this.value(first, rows.get(row, column.last));
		if (dot < 0) {
			return { type: 'macro', scope, name, operator, value, span, key };
		}
		const parameter = text.slice(dot + 1, keyEnd);
		return { type: 'binding', scope, selector: name, parameter, operator, value, span, key };
	}

	#line(line: number, scope: string, selector: string): BindingStatement {
		const { lines } = this;
		const start = lines.get(line, column.start);
		const keyEnd = lines.get(line, column.keyEnd);
		const operator = lines.get(line, column.kind) === rowKind.merge ? '|=' : '=';
		const parameter = this.source.text.slice(start, keyEnd);
		const value = this.value(lines.get(line, column.first), lines.get(line, column.last));
		const span = this.span(start, lines.get(line, column.end));
		return { type: 'binding', scope, selector, parameter, operator, value, span, key: this.span(start, keyEnd) };
	}
}
