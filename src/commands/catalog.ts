import { UsageError } from '../core/errors.ts';
import { importUrl } from '../core/source-file.ts';
import type { Source, Value } from '../gin/ast.ts';
import { bindingSources } from '../gin/binding-sources.ts';
import { merge } from '../gin/merge/merge.ts';
import type { Merged } from '../gin/merge/merged.ts';
import type { Policy } from '../gin/model/policy.ts';
import { joinScope } from '../gin/model/scopes.ts';
import { formatPosition } from '../gin/positions.ts';
import { Catalog } from '../registry/catalog.ts';
import { type Checked, check, type InstanceOf, type Refine, type Rule } from '../registry/check.ts';
import { type ComponentIndex, componentIndex, type KindInfo } from '../registry/component-index.ts';
import { fileSource } from '../registry/config-file.ts';
import { loadConfig } from '../registry/load.ts';
import { Lookup } from '../registry/lookup.ts';
import type { Plugin } from '../registry/plugins.ts';
import { watchedColumns } from '../train/watched-columns.ts';
import {
	type ConfigOptions,
	codeOptions,
	loadComponents,
	projectRoot,
	searchPath,
	skipsImports,
	strictness,
} from './training-config.ts';

/** Everything known of the components without running their files. */
export interface Known {
	readonly kinds: readonly KindInfo[];
	readonly catalog: Catalog;
	/** Values that component files declare. */
	readonly constants: ReadonlyMap<string, Value>;
}

/** The repository's components, from the index where it is fresh. */
export async function knownComponents(): Promise<Known> {
	const { kinds, components, constants } = await componentIndex(projectRoot, `${projectRoot}/src`, buildIndex);
	return { kinds, catalog: new Catalog(components), constants: new Map(constants) };
}

/** A config merged and ready to be checked, with its plug-ins' components added to the known ones. */
export interface Described {
	readonly merged: Merged;
	readonly catalog: Catalog;
	readonly plugins: readonly Plugin[];
	readonly constants: ReadonlyMap<string, Value>;
	readonly refine: Refine | undefined;
	readonly instanceOf: InstanceOf | undefined;
	/** Imports that were passed over, with their places. */
	readonly notices: readonly string[];
}

/** Reads a config against the indexed components; only plug-ins, and schemas with rules of their own, are loaded. */
export function describeConfig(files: readonly string[], options: ConfigOptions): Promise<Described> {
	return describeSources(
		files.map((file) => fileSource(file, undefined, options.record !== undefined)),
		options,
	);
}

/** The same for texts that are read already. */
export async function describeSources(roots: readonly Source[], options: ConfigOptions): Promise<Described> {
	const { catalog, constants: known } = await knownComponents();
	const sources = [...roots, ...bindingSources(options.binding)];
	const { gathered, plugins, problems, skipped } = await loadConfig(sources, {
		uses: options.use,
		...(await codeOptions(options)),
		skipImports: skipsImports(options),
		searchPath: searchPath(),
	});
	const code = plugins.length === 0 ? undefined : await addDeclared(catalog, plugins);
	const all = { ...gathered, problems: [...gathered.problems, ...problems] };
	const merged = code === undefined ? merge(all, catalog) : code.mergeWithHooks(all, catalog, code.declared.hooks);
	const constants = new Map([...known, ...(code?.declared.constants.entries() ?? [])]);
	const notices = skipped.map(
		({ statement }) => `${formatPosition(statement.span)}: passed over, for there is no module "${statement.module}".`,
	);
	const refine = await refineFor(merged, catalog, constants);
	return { merged, catalog, plugins, constants, refine, instanceOf: code?.instanceOf, notices };
}

/** Checks what has been described, from what programs begin with, in a scope or outside all. */
export function checkDescribed(
	described: Described,
	options: ConfigOptions,
	scope = '',
	more: readonly Rule[] = [],
	policy: Partial<Policy> = {},
): Checked {
	const { merged, catalog, constants, refine, instanceOf } = described;
	const roots = rootsOf(catalog, merged).map((root) => joinScope(scope, root));
	const strict = strictness(options);
	return check(merged, catalog, roots, {
		...strict,
		policy: { ...strict.policy, ...policy },
		constants,
		rules: [watchedColumns, ...more],
		...(refine === undefined ? {} : { refine }),
		...(instanceOf === undefined ? {} : { instanceOf }),
	});
}

/** What programs begin with: the functions that train or, for a config that binds nothing else, its profiles. */
export function rootsOf(catalog: Catalog, { bindings }: Merged): string[] {
	const profiles = catalog.names('profile').filter((name) => bindings.some(({ selector }) => selector === name));
	const isProfile = profiles.length > 0 && bindings.every(({ selector }) => profiles.includes(selector));
	return isProfile ? profiles : catalog.names('function');
}

async function buildIndex(): Promise<ComponentIndex> {
	await loadComponents();
	const [{ allKinds }, { declared }, { describe }] = await Promise.all([
		import('../registry/kinds.ts'),
		import('../registry/registry.ts'),
		import('../registry/describe.ts'),
	]);
	const constants = [...declared.constants.entries()];
	return { kinds: allKinds(), components: declared.all().map(describe), constants };
}

// A plug-in may not take a name that is known from the index alone, as it could not if all files were loaded.
async function addDeclared(catalog: Catalog, plugins: readonly Plugin[]) {
	const [{ declared }, { describe }, { mergeWithHooks }, { instancesOf }, { qualifyAll }] = await Promise.all([
		import('../registry/registry.ts'),
		import('../registry/describe.ts'),
		import('../registry/hooks.ts'),
		import('../registry/instances.ts'),
		import('../registry/plugins.ts'),
	]);
	for (const component of declared.all().map(describe)) {
		const indexed = catalog.component(component.name);
		if (indexed?.name === component.name && indexed.file !== component.file) {
			throw new UsageError(
				'registry.duplicate',
				`"${component.name}" is declared twice: in ${indexed.file} and in ${component.file}. Rename one of them.`,
			);
		}
		catalog.add(component);
	}
	qualifyAll(catalog, plugins);
	return { declared, mergeWithHooks, instanceOf: instancesOf(declared) };
}

async function refineFor(
	merged: Merged,
	catalog: Catalog,
	constants: ReadonlyMap<string, Value>,
): Promise<Refine | undefined> {
	const refined = new Lookup(merged, catalog, constants).bounds.filter(
		({ component, parameter }) => component.refined || parameter.refined,
	);
	if (refined.length === 0) {
		return undefined;
	}
	for (const file of new Set(refined.map(({ component }) => component.file))) {
		await import(importUrl(file));
	}
	const [{ declared }, { refineWith }] = await Promise.all([
		import('../registry/registry.ts'),
		import('../registry/refine.ts'),
	]);
	return refineWith(declared);
}
