import { stringEnd } from './strings.ts';

/** One binding of a `-b` argument: its text and where that stands in the argument. */
export interface BindingText {
	readonly text: string;
	readonly start: number;
	readonly end: number;
}

/** Splits `a=1#b=2` at each `#` outside quotes and brackets. Blanks are kept; empty bindings are left out. */
export function splitBindings(text: string): BindingText[] {
	const starts = bindingStarts(text);
	return starts
		.map((start, index) => {
			const end = index + 1 < starts.length ? starts[index + 1]! - 1 : text.length;
			return { text: text.slice(start, end), start, end };
		})
		.filter((binding) => binding.text.trim() !== '');
}

/** The offsets at which the bindings of a `-b` argument begin; the first is 0. */
export function bindingStarts(text: string): number[] {
	const starts = [0];
	let depth = 0;
	for (let offset = 0; offset < text.length; offset++) {
		const character = text[offset]!;
		if (character === '"' || character === "'") {
			const end = stringEnd(text, offset);
			// An unclosed quote is an ordinary character: the parser says what is wrong with it.
			offset = end > 0 ? end - 1 : offset;
		} else if ('([{'.includes(character)) {
			depth++;
		} else if (')]}'.includes(character)) {
			depth = Math.max(0, depth - 1);
		} else if (character === '#' && depth === 0) {
			starts.push(offset + 1);
		}
	}
	return starts;
}
