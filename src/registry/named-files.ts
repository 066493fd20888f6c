import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { didYouMean } from '../core/suggest.ts';
import type { Value } from '../gin/ast.ts';
import { joinScope } from '../gin/model/scopes.ts';
import { visitValue } from '../gin/values.ts';
import type { Lookup } from './lookup.ts';
import type { Mismatch } from './mismatch.ts';
import type { Reached } from './reachability.ts';

/** Files and folders that data sets of the config read and that are not there. */
export function missingFiles({ nodes }: Reached, _lookup: Lookup): Mismatch[] {
	return nodes.flatMap(({ component, scope, parameters }) =>
		parameters.flatMap(({ parameter, bound, value }) => {
			if (component.kind !== 'dataset' || parameter.path !== true || bound === undefined || value === undefined) {
				return [];
			}
			const label = `${joinScope(scope, component.name)}.${parameter.name}`;
			return textsOf(value)
				.filter(({ text }) => !/^[a-z][a-z\d+.-]+:\/\//iu.test(text) && !existsSync(text))
				.map(({ text, span }) => ({
					code: 'config.no_such_file',
					span: span ?? bound.binding.value.span ?? bound.binding.span,
					message: `${label}: there is no "${text}".${didYouMean(basename(text), beside(text))}`,
				}));
		}),
	);
}

function textsOf(value: Value): Array<{ readonly text: string; readonly span: Value['span'] }> {
	const texts: Array<{ text: string; span: Value['span'] }> = [];
	visitValue(value, (part) => {
		if (part.type === 'string') {
			texts.push({ text: part.value, span: part.span });
		}
	});
	return texts;
}

function beside(path: string): string[] {
	return existsSync(dirname(path)) ? readdirSync(dirname(path)) : [];
}
