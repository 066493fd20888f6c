import { UsageError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import { type Catalog, type ComponentInfo, type ParameterInfo, parameterOf } from './catalog.ts';
import { allKnown } from './unresolved.ts';

/** The component and the parameter that names mean, by any spelling; an error that says what is wrong where they mean none. */
export function findParameter(
	catalog: Catalog,
	selector: string,
	name: string,
): { readonly component: ComponentInfo; readonly parameter: ParameterInfo } {
	const { found: component, candidates = [] } = catalog.select(selector);
	if (candidates.length > 0) {
		const text = `"${selector}" may mean ${candidates.join(' or ')}: write one of them whole.`;
		throw new UsageError('config.ambiguous_component', text);
	}
	if (component === undefined) {
		const near = didYouMean(selector, allKnown(catalog));
		throw new UsageError('config.unknown_component', `There is no component named "${selector}".${near}`);
	}
	const parameter = parameterOf(component, name);
	if (parameter === undefined) {
		const names = component.parameters.map((known) => known.name);
		const has = names.length === 0 ? ' It has none.' : ` It has: ${names.join(', ')}.`;
		throw new UsageError(
			'config.unknown_parameter',
			`${component.name} has no parameter "${name}".${didYouMean(name, names)}${has}`,
		);
	}
	return { component, parameter };
}
