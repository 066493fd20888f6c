import type { Mismatch } from './accept.ts';
import type { Catalog } from './catalog.ts';
import { joinScope, type Lookup } from './lookup.ts';
import { componentParts } from './meaning.ts';
import type { Reached } from './reach.ts';
import { describeType } from './type-spec.ts';

/** Parameters without default and without binding of everything that will be built: all of them, each once. */
export function missingValues({ nodes }: Reached, catalog: Catalog, lookup: Lookup): Mismatch[] {
	const told = new Set<string>();
	return nodes.flatMap(({ component, scope, parameters, from }) =>
		parameters.flatMap(({ parameter, value, bound }) => {
			const name = `${component.name}.${parameter.name}`;
			const isMissing = value === undefined && (parameter.required || bound !== undefined);
			const isBoundHere = lookup.winner(component.name, parameter.name, '').bound !== undefined;
			if (!isMissing || told.has(name)) {
				return [];
			}
			told.add(name);
			const kinds = componentParts(parameter.type).flatMap(({ kind }) => catalog.names(kind));
			const choices = kinds.length === 0 ? '' : ` (${kinds.slice(0, 8).join(', ')}${kinds.length > 8 ? ', …' : ''})`;
			const where = scope === '' || isBoundHere ? name : joinScope(scope, name);
			const message = `${where} has no value: it needs ${describeType(parameter.type)}${choices}, as in "${where} = …"`;
			return [{ code: 'config.missing_value', span: bound?.binding.span ?? from, message }];
		}),
	);
}
