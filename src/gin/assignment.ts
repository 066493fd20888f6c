import type { Source, Span, Value } from './ast.ts';
import { column, rowKind } from './rows.ts';
import type { StatementTable } from './statement-table.ts';

/** `key = value` or `key |= value`, on its own or in a block: a place in a table, from which all else is read when it is asked for. */
export class Assignment {
	readonly #table: StatementTable;
	readonly #row: number;
	/** The row of the block it stands in, -1 where it stands in none. */
	readonly #block: number;
	#value: Value | undefined;

	constructor(table: StatementTable, row: number, block: number) {
		this.#table = table;
		this.#row = row;
		this.#block = block;
	}

	/** The text it stands in. */
	get source(): Source {
		return this.#table.source;
	}

	/** Where the line begins. */
	get start(): number {
		return this.#get(column.start);
	}

	/** `scope/selector.parameter` or `scope/name`: equal for lines that set the same, as far as can be seen without components. */
	get path(): string {
		const { text } = this.#table.source;
		const own = text.slice(this.#get(column.start), this.#get(column.keyEnd));
		return this.#block < 0 ? own : `${text.slice(this.#key(column.start), this.#key(column.keyEnd))}.${own}`;
	}

	get scope(): string {
		const slash = this.#key(column.slash);
		return slash < 0 ? '' : this.#table.source.text.slice(this.#key(column.start), slash);
	}

	/** The selector of a binding; of a macro its name. */
	get selector(): string {
		const slash = this.#key(column.slash);
		const dot = this.#key(column.dot);
		const start = slash < 0 ? this.#key(column.start) : slash + 1;
		return this.#table.source.text.slice(start, dot < 0 ? this.#key(column.keyEnd) : dot);
	}

	/** The parameter of a binding; of a macro the empty string. */
	get parameter(): string {
		const dot = this.#get(column.dot);
		if (this.#block < 0 && dot < 0) {
			return '';
		}
		return this.#table.source.text.slice(this.#block < 0 ? dot + 1 : this.#get(column.start), this.#get(column.keyEnd));
	}

	/** Whether it is written as a macro: without a dot and outside blocks. */
	get isMacro(): boolean {
		return this.#block < 0 && this.#get(column.dot) < 0;
	}

	/** Whether it is written with `|=`. */
	get merges(): boolean {
		return this.#get(column.kind) === rowKind.merge;
	}

	/** The value; the same object each time. */
	get value(): Value {
		this.#value ??= this.#table.value(this.#get(column.first), this.#get(column.last));
		return this.#value;
	}

	/** Takes a value in place of the one written. */
	set value(value: Value) {
		this.#value = value;
	}

	/** The whole statement, or line of a block. */
	get span(): Span {
		return this.#table.span(this.#get(column.start), this.#get(column.end));
	}

	/** The text left of the operator. */
	get key(): Span {
		return this.#table.span(this.#get(column.start), this.#get(column.keyEnd));
	}

	/** Whether some value of its text may use a macro of a dotted name. */
	get isAmongDottedMacros(): boolean {
		return this.#table.hasDottedMacros;
	}

	#get(cell: number): number {
		return this.#block < 0 ? this.#table.rows.get(this.#row, cell) : this.#table.lines.get(this.#row, cell);
	}

	// Of what names the component: the line itself, or the header of its block.
	#key(cell: number): number {
		return this.#table.rows.get(this.#block < 0 ? this.#row : this.#block, cell);
	}
}
