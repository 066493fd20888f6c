import type { Checked } from '../../registry/check.ts';
import type { Configuration } from '../../registry/configuration.ts';
import { diffConfigs, showDifference } from '../../registry/difference.ts';
import { type Operative, operativeOf } from '../../registry/operative.ts';
import { readRecord } from '../../run/layouts.ts';
import type { Built } from './build.ts';
import { dataFacts } from './facts.ts';
import { identityChanges, identityNow, identityTag } from './identity.ts';
import type { EvaluationOrigin } from './outcome.ts';
import { codeOf } from './plugin-sources.ts';

/** How what was built now differs from what trained the run in `folder`. */
export async function evaluationOrigin(
	folder: string,
	config: Configuration,
	checked: Checked,
	{ engine, names, parts }: Built,
): Promise<EvaluationOrigin & { readonly data: readonly string[] }> {
	const operative = operativeOf(checked.reached.nodes, checked.lookup);
	const settings = configChanges(folder, operative);
	const now = identityNow(engine, await codeOf(config.plugins), null);
	const data = dataFacts(names.dataset, parts);
	const changes = identityChanges(folder, now, data);
	return {
		data: changes.data,
		tag: identityTag(now, [data, operative.hash]),
		differs: [...few(changes.code), ...few(changes.data), ...settings, ...changes.engine],
	};
}

/** What to say of an evaluation that does not repeat the run's own. */
export function sayOrigin({ differs }: EvaluationOrigin): string[] {
	return differs.map((text) => `differs from the run: ${text}`);
}

// What the command line binds otherwise than the run.
function configChanges(folder: string, now: Operative): string[] {
	const before = readRecord(folder, 'operative') as Operative | undefined;
	const all = before === undefined ? [] : diffConfigs(before, now);
	return all.filter(({ free }) => !free).map((difference) => `config: ${showDifference(difference)}`);
}

const mostLines = 4;

// Another version of gimlet differs in more files than anybody reads.
function few(changes: readonly string[]): string[] {
	const more = changes.length - mostLines;
	return more > 0 ? [...changes.slice(0, mostLines), `and ${more} more of the kind`] : [...changes];
}
