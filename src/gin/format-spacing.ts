import { token } from './tokens.ts';

/** One token of a text that is to be formatted. */
export interface Piece {
	readonly kind: number;
	readonly text: string;
	/** Behind a backslash that continues the line. */
	readonly isContinued: boolean;
}

const code = (character: string): number => character.charCodeAt(0);
const openers = new Set([...'([{'].map(code));
const closers = new Set([...')]}'].map(code));
const tightBefore = new Set([...closers, ...[...',:./'].map(code)]);
const tightAfter = new Set([...openers, ...[...'@%-./'].map(code)]);

/** Whether a bracket opens here. */
export function isOpener(kind: number): boolean {
	return openers.has(kind);
}

/** Whether a bracket closes here. */
export function isCloser(kind: number): boolean {
	return closers.has(kind);
}

/** Whether one blank belongs between two tokens of a line. */
export function wantsBlank(before: number | undefined, after: number): boolean {
	if (before === undefined || tightBefore.has(after) || tightAfter.has(before)) {
		return false;
	}
	return !(after === code('(') && before === token.name);
}

/** Whether a token assigns. */
export function isAssignment(kind: number): boolean {
	return kind === code('=') || kind === token.mergeAssign;
}
