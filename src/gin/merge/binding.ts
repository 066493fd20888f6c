import type { Assignment } from '../assignment.ts';
import type { Span, Value } from '../ast.ts';
import { joinAll } from './join.ts';
import type { MergedBinding, Replaced } from './merged.ts';

/** A value that `|=` joined to others, and the line it stands in. */
export interface Part {
	readonly value: Value;
	readonly line: Assignment;
}

/** What a later line took the place of: read when somebody asks. */
interface Earlier {
	readonly line: Assignment;
	/** The values it stood for, where that was not its own. */
	readonly parts: readonly Part[] | undefined;
}

const none: readonly Replaced[] = [];

/** One cell while lines are applied to it, and when all have been: everything is read from its lines when asked for. */
export class LineBinding implements MergedBinding {
	/** What `|=` has added to each other, the line's own value last: joined only when asked for, so that many lines stay cheap. */
	parts: Part[] | undefined;
	#joined: Value | undefined;
	#earlier: Earlier[] | undefined;
	#overrode: readonly Replaced[] | undefined;

	constructor(
		/** The line that counts. */
		public line: Assignment,
		/** Of a macro its path; of another binding undefined, the scope of its line. */
		readonly path: string | undefined,
		readonly selector: string,
		readonly parameter: string,
		public ontoDefault: boolean,
	) {}

	get scope(): string {
		return this.path ?? this.line.scope;
	}

	get written(): string {
		return this.line.selector;
	}

	get writtenParameter(): string {
		return this.line.parameter;
	}

	get value(): Value {
		if (this.parts === undefined) {
			return this.line.value;
		}
		this.#joined ??= joinAll(this.parts.map(({ value }) => value));
		return this.#joined;
	}

	get span(): Span {
		return this.line.span;
	}

	get key(): Span {
		return this.line.key;
	}

	get overrode(): readonly Replaced[] {
		if (this.#earlier === undefined) {
			return none;
		}
		this.#overrode ??= this.#earlier.toReversed().map(({ line, parts }) => ({
			value: parts === undefined ? line.value : joinAll(parts.map(({ value }) => value)),
			span: line.span,
		}));
		return this.#overrode;
	}

	/** A later line takes the place of all before. */
	replace(line: Assignment): void {
		this.#earlier ??= [];
		this.#earlier.push({ line: this.line, parts: this.parts });
		this.parts = undefined;
		this.#joined = undefined;
		this.line = line;
		this.ontoDefault = false;
	}

	/** A later line adds to what is bound. */
	join(line: Assignment): void {
		this.#earlier ??= [];
		this.#earlier.push({ line: this.line, parts: undefined });
		this.parts ??= [{ value: this.line.value, line: this.line }];
		this.parts.push({ value: line.value, line });
		this.line = line;
	}
}
