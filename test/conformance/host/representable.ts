import type { Datum, ResolvedReference } from './data.ts';
import { withFrame } from './gin-error.ts';
import { macroReference, reference } from './resolve.ts';
import type { State } from './state.ts';
import { isMacroLike, referenceText } from './to-value.ts';

/** Whether a value prints as a literal that reads back as an equal value: only such values are printed. */
export function isRepresentable(state: State, datum: Datum): boolean {
	switch (datum.type) {
		case 'none':
		case 'bool':
		case 'int':
		case 'string':
		case 'bytes':
			return true;
		case 'float':
			return Number.isFinite(datum.value);
		case 'complex':
			// Python prints a complex number with a real part (a negative zero included) in parentheses, as a sum.
			return Object.is(datum.real, 0) && Number.isFinite(datum.imaginary);
		case 'list':
		case 'tuple':
			return datum.items.every((item) => isRepresentable(state, item));
		case 'dict':
			return datum.entries.every(([key, value]) => isRepresentable(state, key) && isRepresentable(state, value));
		case 'resolved':
			return readsBack(state, datum);
		default:
			return false;
	}
}

function readsBack(state: State, datum: ResolvedReference): boolean {
	const text = referenceText(state, datum);
	if (text === '%') {
		// A macro without a name, `@gin.macro()`: nothing reads its printed form.
		return false;
	}
	const frame = () => ({ file: undefined, line: 1, column: 0, text });
	return withFrame(frame, () => {
		const again = isMacroLike(datum)
			? macroReference(state, text.slice(1))
			: reference(state, text.slice(1, datum.evaluate ? -2 : undefined), datum.evaluate);
		return isSame(again, datum);
	});
}

// As gin compares: neither the scope nor the spelling counts.
function isSame(a: ResolvedReference, b: ResolvedReference): boolean {
	return (
		a.evaluate === b.evaluate &&
		a.configurable.selector === b.configurable.selector &&
		a.configurable.target === b.configurable.target
	);
}
