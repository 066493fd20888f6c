import { createHash } from 'node:crypto';
import { isAbsolute, relative } from 'node:path';
import type { Configuration } from '../../registry/configuration.ts';

/** The config files that took part, for `configs/` of a run folder: names relative to the working directory, and their hashes. */
export function configCopies(config: Configuration): Record<string, string> {
	const copies: Record<string, string> = {};
	const sources: Array<{ path: string; copy: string; sha256: string; via: string }> = [];
	for (const { path, text, via } of config.merged.files) {
		const copy = `configs/${safeName(path, copies, text)}`;
		copies[copy] = text;
		sources.push({ path, copy, sha256: createHash('sha256').update(text).digest('hex'), via });
	}
	const bindings = config.sources.filter(({ kind }) => kind !== 'file').map(({ name, text }) => ({ name, text }));
	copies['configs/sources.json'] =
		`${JSON.stringify({ schema: 'gimlet.sources/1', files: sources, bindings }, undefined, '\t')}\n`;
	return copies;
}

function safeName(path: string, taken: Readonly<Record<string, string>>, text: string): string {
	const inside = isAbsolute(path) ? relative(process.cwd(), path) : path;
	const parts = inside.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
	for (let copy = 1; ; copy += 1) {
		const name = copy === 1 ? parts.join('/') : parts.join('/').replace(/(\.[^./]*)?$/u, `-${copy}$1`);
		const earlier = taken[`configs/${name}`];
		if (earlier === undefined || earlier === text) {
			return name;
		}
	}
}
