import type { CallName } from '../gin/extension-calls.ts';
import type { Catalog } from './catalog.ts';
import { optionsOf } from './component-types.ts';

/** Where a call may stand, in words. */
export function callPlaces(name: CallName, catalog: Catalog): string {
	const takers = catalog
		.all()
		.flatMap((component) =>
			component.parameters
				.filter(({ type }) => optionsOf(type).some((one) => one.type === 'call' && one.names.includes(name)))
				.map((parameter) => `${component.name}.${parameter.name}`),
		);
	const parameters =
		takers.length === 0 ? 'no parameter that is known takes it' : `it may stand in ${takers.join(', ')}`;
	return name === 'per'
		? parameters
		: `it may stand in the text of an experiment's sweep()${takers.length === 0 ? '' : `, and ${parameters}`}`;
}
