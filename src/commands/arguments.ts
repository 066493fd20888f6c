import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../core/errors.ts';
import { visible } from '../core/visible.ts';

/** An operand of no characters is a variable that was not set, never a file or a name. */
export function refuseEmpty(_: Command, action: Command): void {
	for (const [at, argument] of action.registeredArguments.entries()) {
		if ([action.processedArgs[at]].flat().includes('')) {
			throw new UsageError('usage.empty', `The argument <${argument.name()}> is empty.`);
		}
	}
}

// No bindings, no words and the top scope are values; an empty path, name or number is a variable that was not set.
const mayBeEmpty: readonly string[] = ['--binding', '--note', '--scope'];

/** Lets `-b=a.b=1` mean what `-b a.b=1` does, as it does for `--binding=a.b=1`, and refuses values that are empty. */
export function checkValues(command: Command): void {
	for (const option of command.options.filter(({ required, variadic }) => required && !variadic)) {
		const { parseArg } = option;
		option.argParser((value: string, before: unknown) => {
			const given = option.short === undefined ? value : value.replace(/^=/u, '');
			if (given === '' && !mayBeEmpty.includes(option.long ?? '')) {
				throw new InvalidArgumentError('It must not be empty.');
			}
			return parseArg === undefined ? given : parseArg(given, before);
		});
	}
}

/** What commander says of a command line, as one line of ours. `words`: the command line. */
export function usageMessage(name: string, text: string, words: readonly string[]): string {
	const safe = words.reduce((shown, word) => (word === '' ? shown : shown.replaceAll(word, visible(word))), text);
	const [what = '', hint = ''] = safe
		.replace(/^error: /u, '')
		.trimEnd()
		.split('\n');
	const sentence = /[.?]$/u.test(what) ? what : `${what}.`;
	return `${name}: ${sentence}${hint === '' ? '' : ` ${hint.replace(/^\((.*)\)$/u, '$1')}`}`;
}

/** Names that are no UTF-8 would silently become other names. */
export function checkWords(words: readonly string[]): void {
	const doubtful = words.find((word) => word.includes('\ufffd'));
	if (doubtful !== undefined && !isUtf8(commandLine())) {
		throw new UsageError('usage.not_utf8', `The argument ${doubtful} is not UTF-8: no file can be named so here.`);
	}
}

function isUtf8(bytes: Uint8Array): boolean {
	try {
		new TextDecoder('utf-8', { fatal: true }).decode(bytes);
		return true;
	} catch {
		return false;
	}
}

function commandLine(): Uint8Array {
	try {
		return readFileSync('/proc/self/cmdline');
	} catch {
		// Elsewhere than on Linux it is not known what was typed.
		return new Uint8Array();
	}
}
