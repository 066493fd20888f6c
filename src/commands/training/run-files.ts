import { createHash } from 'node:crypto';
import { writeInside } from '../../files/writing.ts';
import type { Checked } from '../../registry/check.ts';
import { completeConfig } from '../../registry/complete-config.ts';
import type { Configuration } from '../../registry/configuration.ts';
import type { Operative } from '../../registry/operative.ts';
import type { Source } from '../../run/sources.ts';
import { summaryTable } from '../summary.ts';
import type { Built } from './build.ts';
import { columnFacts, dataFacts, modelFacts } from './facts.ts';
import type { Identity } from './identity.ts';
import { type PluginCode, pluginSources } from './plugin-sources.ts';
import type { RecordedTexts } from './recorded-texts.ts';

/** The texts that a config comes from, and the code of its plug-ins, as `configs/` keeps them. */
export function sourcesOf(texts: RecordedTexts, code: readonly PluginCode[]): Source[] {
	// Code first: it is found by its name.
	return [...pluginSources(code, process.cwd()), ...texts.sources];
}

/** What describes a run in its folder, by file name. */
export function describeRun(
	config: Configuration,
	checked: Checked,
	operative: Operative,
	built: Built,
	identity: Identity,
): Record<string, string> {
	const json = (value: unknown) => `${JSON.stringify(value, undefined, '\t')}\n`;
	// What a reader takes for the truth of the run, so that a change made later is noticed.
	const records = {
		'config.gin': completeConfig(checked.reached, checked.lookup, { plugins: config.plugins }),
		'operative.json': json(operative),
		'columns.json': json(columnFacts(built.parts)),
	};
	const hashes = Object.entries(records).map(([name, text]) => [name, createHash('sha256').update(text).digest('hex')]);
	return {
		...records,
		'data.json': json(dataFacts(built.names.dataset, built.parts)),
		'identity.json': json({ ...identity, records: Object.fromEntries(hashes) }),
		'model.json': json(modelFacts(built.names.model, built.parts)),
		'model.txt': summaryTable(built.parts.model.rows()),
	};
}

/** Replaces the files that describe a run, one by one. */
export function rewrite(folder: string, files: Readonly<Record<string, string>>): void {
	for (const [name, content] of Object.entries(files)) {
		writeInside(folder, name, content);
	}
}
