import { visible, visibleJson, visibleLines } from '../core/visible.ts';

/** Where a program writes: one of the streams of a process, or whatever collects the text. */
export interface Output {
	write(text: string | Uint8Array): unknown;
	readonly isTTY?: boolean;
	readonly columns?: number;
	readonly rows?: number;
	/** The same without any escaping: for those that move the cursor, and escape names themselves. */
	readonly raw?: Output;
}

/** Everything is for people: what a terminal would obey or hide is escaped. */
export function forPeople(output: Output): Output {
	const raw = output.raw ?? output;
	return {
		write: (text) => raw.write(visibleLines(typeof text === 'string' ? text : Buffer.from(text).toString())),
		get isTTY() {
			return raw.isTTY === true;
		},
		get columns() {
			return raw.columns ?? 80;
		},
		get rows() {
			return raw.rows ?? 24;
		},
		raw,
	};
}

/** What a program or a file reads is exact; what a terminal shows is for people. */
export function forPrograms(output: Output): Output {
	return output.isTTY ? forPeople(output) : output;
}

/** A path on a line of its own: exact for a program, escaped on a terminal. */
export function printPath({ stdout }: { readonly stdout: Output }, path: string): void {
	stdout.write(`${stdout.isTTY ? visible(path) : path}\n`);
}

/** JSON, readable on a terminal too, since it has escapes of its own. */
export function printJson({ stdout }: { readonly stdout: Output }, value: unknown): void {
	stdout.write(`${visibleJson(value)}\n`);
}

/** `printJson` of a list of tables' rows, one after the other, however many there are. */
export function printJsonRows(
	{ stdout }: { readonly stdout: Output },
	rows: Iterable<ReadonlyMap<string, string>>,
): void {
	let before = '[';
	for (const row of rows) {
		stdout.write(`${before}\n\t${visibleJson(Object.fromEntries(row)).replaceAll('\n', '\n\t')}`);
		before = ',';
	}
	stdout.write(before === '[' ? '[]\n' : '\n]\n');
}

/** Says one line to a person: texts of others in it begin no line of their own. */
export function say({ stderr }: { readonly stderr: Output }, line: string): void {
	stderr.write(`${visible(line)}\n`);
}
