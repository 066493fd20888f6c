import type { Problem } from '../core/errors.ts';
import { visible } from '../core/visible.ts';
import type { Span } from '../gin/ast.ts';
import type { Merged } from '../gin/merge/merged.ts';
import { problemAt } from '../gin/problem.ts';
import type { Mismatch } from './mismatch.ts';

/** What was found, as it is printed. */
export function problemsOf(found: readonly Mismatch[], merged: Merged): Problem[] {
	// A value that is nowhere has no line: the config as a whole lacks it.
	const roots = merged.files.filter(({ via }) => via === 'root').map(({ path }) => path);
	const where = roots.length === 0 ? '' : `${roots.join(', ')}: `;
	return found.map(({ code, span, message }) => {
		const text = shortened(message);
		return span === undefined ? { code, message: text, text: visible(`${where}${text}`) } : problemAt(code, span, text);
	});
}

/** By file, then by line; each once. */
export function inOrder(problems: readonly Problem[], merged: Merged): Problem[] {
	const files = new Map(merged.files.map(({ path }, index) => [path, index]));
	const fileOf = (span: Span | undefined) =>
		span === undefined ? Infinity : (files.get(span.source.name) ?? files.size);
	const seen = new Set<string>();
	return problems
		.toSorted(
			(a, b) =>
				order(fileOf(a.span), fileOf(b.span)) ||
				order(argumentOf(a.span), argumentOf(b.span)) ||
				order(a.span?.start ?? 0, b.span?.start ?? 0),
		)
		.filter(({ message, span }) => {
			const id = `${placeId(span)} ${message}`;
			return !seen.has(id) && seen.add(id);
		});
}

/** Where the environment gave no value, what stands in for it is not to blame; nor is what an unread file may hold. */
export function withoutKnockOns(all: readonly Problem[], first: readonly Problem[]): readonly Problem[] {
	const later = first.some(({ code }) => unread.test(code)) ? all.filter(({ code }) => !ofUnread.has(code)) : all;
	const failed = new Set(
		first
			.filter(({ code }) => code === 'config.env_unset' || code === 'config.env_value')
			.map(({ span }) => placeId(span)),
	);
	return failed.size === 0 ? later : later.filter(({ span }) => !failed.has(placeId(span)));
}

function placeId(span: Span | undefined): string {
	return span === undefined ? '' : `${span.start} ${span.source.name}`;
}

// The 2 of `-b 2`.
function argumentOf(span: Span | undefined): number {
	return Number(/^-b (\d+)/.exec(span?.source.name ?? '')?.[1] ?? 0);
}

// What a file that could not be read may have settled.
const ofUnread = new Set([
	'config.missing_value',
	'config.unknown_macro',
	'config.unreachable_scope',
	'config.unused_binding',
	'config.unused_macro',
]);
const unread = /^config\.(?:(?:include|extends|use)_(?!size)|file_|no_config)/u;

// A name may be a megabyte long.
function shortened(message: string): string {
	return message.length > 1000 ? `${message.slice(0, 1000)}…` : message;
}

function order(a: number, b: number): number {
	return a === b ? 0 : a < b ? -1 : 1;
}
