import type { Statements } from './ast.ts';

/** A list whose items are made when they are asked for. */
export class MadeList<T> implements Statements<T> {
	readonly #make: (index: number) => T;

	constructor(
		readonly length: number,
		make: (index: number) => T,
	) {
		this.#make = make;
	}

	at(index: number): T | undefined {
		const from = index < 0 ? this.length + index : index;
		return from >= 0 && from < this.length ? this.#make(from) : undefined;
	}

	slice(start = 0, end = this.length): T[] {
		const from = Math.max(0, start < 0 ? this.length + start : start);
		const to = Math.min(this.length, end < 0 ? this.length + end : end);
		return Array.from({ length: Math.max(0, to - from) }, (_, index) => this.#make(from + index));
	}

	map<R>(change: (item: T) => R): R[] {
		return Array.from(this, change);
	}

	*[Symbol.iterator](): Generator<T> {
		for (let index = 0; index < this.length; index++) {
			yield this.#make(index);
		}
	}

	toJSON(): T[] {
		return this.slice();
	}
}
