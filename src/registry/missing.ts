import { joinScope } from '../gin/model/scopes.ts';
import { componentParts } from './component-types.ts';
import type { Effective, Lookup, ValueMeaning } from './lookup.ts';
import type { Mismatch } from './mismatch.ts';
import type { Node, Reached } from './reachability.ts';
import { describeType } from './type-spec.ts';

/** Parameters without default and without binding of everything that will be built, and `%gin.REQUIRED` in their values: each once. */
export function missingValues({ nodes }: Reached, lookup: Lookup): Mismatch[] {
	const told = new Set<string>();
	return nodes.flatMap((node) =>
		node.parameters.flatMap((effective) => {
			const name = `${node.component.name}.${effective.parameter.name}`;
			const isMissing =
				effective.value === undefined && (effective.parameter.required || effective.bound !== undefined);
			if (isMissing && !told.has(name)) {
				told.add(name);
				return [missingValue(node, effective, name, lookup)];
			}
			const meaning = lookup.meaningOf(effective);
			return meaning === undefined ? [] : requiredInside(meaning, name, told);
		}),
	);
}

function missingValue({ scope, from }: Node, { parameter, bound }: Effective, name: string, lookup: Lookup): Mismatch {
	const isBoundHere = lookup.winner(...owner(name), '').bound !== undefined;
	const kinds = componentParts(parameter.type).flatMap(({ kind }) => lookup.catalog.names(kind));
	const choices = kinds.length === 0 ? '' : ` (${kinds.slice(0, 8).join(', ')}${kinds.length > 8 ? ', …' : ''})`;
	const where = scope === '' || isBoundHere ? name : joinScope(scope, name);
	const message = `${where} has no value: it needs ${describeType(parameter.type)}${choices}, as in "${where} = …"`;
	return { code: 'config.missing_value', span: bound?.binding.span ?? from, message };
}

function owner(name: string): readonly [component: string, parameter: string] {
	const dot = name.lastIndexOf('.');
	return [name.slice(0, dot), name.slice(dot + 1)];
}

// A macro or a part of a value that must be given: the line that says so is the place.
function requiredInside(meaning: ValueMeaning, name: string, told: Set<string>): Mismatch[] {
	const found: Mismatch[] = [];
	const seen = new Set<ValueMeaning>();
	const look = (part: ValueMeaning, label: string): void => {
		if (seen.has(part)) {
			return;
		}
		seen.add(part);
		switch (part.is) {
			case 'macro':
				if (part.stands.is === 'required') {
					tell(part.bound.scope, part.bound.span, `${part.bound.scope} must be given: ${name} needs it`);
				} else {
					look(part.stands, `%${part.bound.scope}`);
				}
				break;
			case 'constant':
				look(part.stands, label);
				break;
			case 'sequence':
				for (const [index, item] of part.items.entries()) {
					look(item, `${label}[${index}]`);
				}
				break;
			case 'dict':
				for (const [key, entry] of part.entries) {
					const shown = key.value.type === 'string' ? JSON.stringify(key.value.value) : '…';
					look(entry, `${label}[${shown}]`);
				}
				break;
			case 'required':
				tell(label, part.value.span, `${label} must be given`);
		}
	};
	const tell = (id: string, span: Mismatch['span'], message: string): void => {
		if (!told.has(id)) {
			told.add(id);
			found.push({ code: 'config.missing_value', span, message });
		}
	};
	look(meaning, name);
	return found;
}
