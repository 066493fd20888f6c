import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventFiles } from '../src/run/events.ts';
import { readCells } from '../src/run/table-reading.ts';
import { eventContent } from './event-content.ts';

/** Everything of a finished run that must not depend on interruptions, as text by file. */
export type Outcome = Readonly<Record<string, string>>;

/**
 * Weights, optimizer slots, callbacks' tensors and state of every named checkpoint, and which others are kept; tables and
 * events without times; all figures; the config, the model and the data.
 */
export function outcomeOf(run: string): Outcome {
	const files: Record<string, string> = {};
	for (const name of ['init', 'last', 'best']) {
		const folder = join(run, 'checkpoints', name);
		for (const file of existsSync(folder) ? readdirSync(folder).sort() : []) {
			if (file.endsWith('.safetensors')) {
				files[`${name}/${file}`] = createHash('sha256')
					.update(readFileSync(join(folder, file)))
					.digest('hex');
			} else if (file === 'state.json') {
				files[`${name}/${file}`] = timeless(JSON.parse(readFileSync(join(folder, file), 'utf8')));
			}
		}
	}
	files['checkpoints'] = readdirSync(join(run, 'checkpoints'))
		// A step met again by a continued run is stored as a copy of the same number.
		.map((name) => name.replace(/^(step-\d+)-\d+$/u, '$1'))
		.sort()
		.join('\n');
	for (const table of ['history.csv', 'steps.csv']) {
		files[table] = withoutTimes(join(run, table));
	}
	files['summary.json'] = readFileSync(join(run, 'summary.json'), 'utf8');
	for (const name of readdirSync(join(run, 'eval')).filter((one) => !one.startsWith('.'))) {
		files[`eval/${name}`] = readFileSync(join(run, 'eval', name), 'utf8');
	}
	for (const name of kept) {
		files[name] = readFileSync(join(run, name), 'utf8');
	}
	for (const name of readdirSync(join(run, 'configs'), { recursive: true, withFileTypes: true })) {
		if (name.isFile()) {
			const path = join(name.parentPath, name.name);
			files[path.slice(run.length + 1)] = readFileSync(path, 'utf8');
		}
	}
	if (existsSync(join(run, 'tb'))) {
		files['tb'] = eventFiles(join(run, 'tb'))
			.map((path) => eventContent(readFileSync(path)).join('\n'))
			.join('\n---\n');
	}
	return files;
}

const kept = ['config.gin', 'operative.json', 'model.json', 'model.txt', 'data.json'];

/** Names of what differs. */
export function differences(a: Outcome, b: Outcome): string[] {
	return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]);
}

function withoutTimes(path: string): string {
	const { columns, rows } = readCells(path);
	const kept = columns.flatMap((name, i) => (name.startsWith('time/') ? [] : [i]));
	return [columns, ...rows].map((row) => kept.map((i) => row[i]).join(',')).join('\n');
}

function timeless(state: unknown): string {
	return JSON.stringify(state, (key, value) =>
		// `length`: the event file's, which holds the text of the config with its limits.
		key === 'seconds' || key === 'length' || key === 'epochSeconds' || key.startsWith('time/') ? undefined : value,
	);
}
