import { isSelector } from '../../src/gin/model/identifiers.ts';
import { Names } from '../../src/gin/model/names.ts';
import type { Json } from './case.ts';
import { ambiguousSelector, GinError } from './host/gin-error.ts';

/** Runs the verbs of a `selector_map` step on names; the value of each is its position in the list. */
export function selectorMap(
	actions: ReadonlyArray<readonly [verb: string, argument: string]>,
	outcome: (action: () => Json) => Json,
): Json[] {
	const names = new Names<number>();
	return actions.map(([verb, argument], index) => outcome(() => act(names, verb, argument, index)));
}

function act(names: Names<number>, verb: string, argument: string, index: number): Json {
	switch (verb) {
		case 'put':
			if (!isSelector(argument)) {
				throw new GinError('bad_name', 'ValueError', `Invalid selector '${argument}'.`);
			}
			names.set(argument, index);
			return null;
		case 'match': {
			const { found = null, candidates = [] } = names.select(argument);
			if (candidates.length > 0) {
				throw ambiguousSelector(argument, candidates);
			}
			return found;
		}
		case 'matching':
			return [...names.matching(argument)].sort();
		case 'minimal':
			if (!names.has(argument)) {
				throw new GinError('selector_missing', 'KeyError', `No value with selector '${argument}'.`);
			}
			return names.minimal(argument);
		case 'pop': {
			const entry = names.get(argument);
			if (entry === undefined) {
				throw new GinError('other', 'KeyError', `'${argument}'`);
			}
			names.delete(argument);
			return entry;
		}
		case 'has':
			return names.has(argument);
		case 'len':
			return names.size;
		default:
			throw new Error(`the case format has no verb ${verb}`);
	}
}
