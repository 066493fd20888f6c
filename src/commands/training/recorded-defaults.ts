import { RefusedError } from '../../core/errors.ts';
import { joinScope } from '../../gin/model/scopes.ts';
import { parseValue } from '../../gin/parser.ts';
import { reprValue } from '../../gin/repr.ts';
import type { Checked } from '../../registry/check.ts';
import type { Configuration } from '../../registry/configuration.ts';
import { normalise } from '../../registry/normalise.ts';
import type { Operative, OperativeParameter } from '../../registry/operative.ts';

/** Where a value comes from that a run keeps although the default is another one by now. */
const source = 'the run so far';

/**
 * Binds what a run has had by default where that default has changed since, so that the run goes on as it began. Returns
 * a line for each; nothing is changed where there are none.
 */
export function keepDefaults(config: Configuration, { reached, lookup }: Checked, before: Operative): string[] {
	return reached.nodes.flatMap(({ component, scope, parameters }) => {
		const path = joinScope(scope, component.name);
		const recorded = before.components[path]?.parameters ?? {};
		return parameters.flatMap(({ parameter, value, bound }) => {
			const old = recorded[parameter.name];
			if (bound !== undefined || value === undefined || parameter.free || !wasDefault(old)) {
				return [];
			}
			const now = reprValue(normalise(value, parameter.type, lookup), true);
			if (now === old.text) {
				return [];
			}
			const key = `${path}.${parameter.name}`;
			requireValue(key, old.text);
			config.bindFrom(source, `${key} = ${old.text}`);
			return [`${key} stays ${old.text}, as this run began; the default is ${now} by now.`];
		});
	});
}

function wasDefault(old: OperativeParameter | undefined): old is OperativeParameter {
	return old !== undefined && !old.masked && (old.origin.type === 'default' || old.origin.source === source);
}

// A record is data: it adds no further lines to the config.
function requireValue(key: string, text: string): void {
	const { end } = parseValue({ name: key, kind: 'text', text }, { extensions: true });
	if (end !== text.length) {
		throw new RefusedError('run.damaged', `The recorded ${key} is no value: ${JSON.stringify(text)}.`);
	}
}
