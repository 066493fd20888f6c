import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError } from 'commander';
import type { Checked, CheckOptions } from '../registry/check.ts';
import type { Configuration } from '../registry/configuration.ts';
import type { Operative } from '../registry/operative.ts';

/** Options that every program reading a config shares. */
export interface ConfigOptions {
	readonly binding: readonly string[];
	readonly use: ReadonlyMap<string, string>;
	readonly plugin: readonly string[];
	readonly allowUnused?: boolean;
	/** Bindings of components that do not exist are passed over, and imports of modules that are not here. */
	readonly skipUnknown?: boolean;
	/** Imports of modules that are not here are passed over. */
	readonly skipImports?: boolean;
	/** Code of a run folder that has changed since is used all the same. */
	readonly allowCodeChange?: boolean;
	/** The run folder whose record names the files: what they import is run only where the user gave or trusted it. */
	readonly record?: string;
}

/** Adds `-b`, `--use`, `--allow-unused` and what `addCodeOptions` adds to a program. */
export function addConfigOptions(command: Command): void {
	addCodeOptions(command)
		.option('-b, --binding <bindings>', 'bindings that win over the files, separated by "#"; may repeat', collect, [])
		.option(
			'--use <group=choice>',
			'choose a file of a config group, as `use group = choice` does',
			collectUse,
			new Map(),
		)
		.option('--allow-unused', 'accept bindings and macros that nothing uses')
		.option('--skip-unknown', 'pass over bindings of components that do not exist')
		.option('--skip-imports', 'pass over imports of modules that are not here, such as those of a Python project');
}

/** Adds `--plugin` and `--allow-code-change` to a program that may load components of the user's. */
export function addCodeOptions(command: Command): Command {
	return command
		.option('--plugin <file>', 'a TypeScript file with components of your own; may repeat', collect, [])
		.option('--allow-code-change', 'use components although they have changed since the run was made');
}

/** What `addCodeOptions` gives. */
export type CodeOptions = Pick<ConfigOptions, 'plugin' | 'allowCodeChange'>;

/**
 * What decides which code a config may load, for `LoadOptions`. A config that a record names finds variables of the
 * environment that are not set where they were recorded; only `env()` sees them.
 */
export async function codeOptions({ plugin, allowCodeChange, record }: CodeOptions & Pick<ConfigOptions, 'record'>) {
	const recorded = record === undefined ? {} : ((await import('../run/meta.ts')).readMeta(record)?.environment ?? {});
	const env = (name: string) => process.env[name] ?? (Object.hasOwn(recorded, name) ? recorded[name] : undefined);
	return {
		plugins: plugin,
		allowCodeChange: allowCodeChange ?? false,
		...(record === undefined ? {} : { record, env }),
	};
}

/** The repository this program belongs to. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/u, '');

/** `$DATA_DIR`, or `data/` of the repository. */
export function dataDir(): string {
	return process.env['DATA_DIR'] || `${projectRoot}/data`;
}

/** Reads a config with all components known; nothing is checked yet. */
export async function openConfig(files: readonly string[], options: ConfigOptions): Promise<Configuration> {
	await loadComponents();
	// Loaded late: programs that only read configs need neither the container nor the schemas.
	const { Configuration } = await import('../registry/configuration.ts');
	return Configuration.fromFiles(files, {
		bindings: options.binding,
		uses: options.use,
		...(await codeOptions(options)),
		skipImports: skipsImports(options),
		searchPath: searchPath(),
	});
}

/** Whether imports of modules that are not here are passed over. */
export function skipsImports({ skipImports = false, skipUnknown = false }: ConfigOptions): boolean {
	return skipImports || skipUnknown;
}

/** How strictly a config is checked. */
export function strictness({ allowUnused, skipUnknown }: ConfigOptions): Pick<CheckOptions, 'allowUnused' | 'policy'> {
	return {
		...(allowUnused === undefined ? {} : { allowUnused }),
		...(skipUnknown ? { policy: { unknown: 'skip' } } : {}),
	};
}

/**
 * Reads and checks a config for training; every problem is reported at once. `folder`: of a run that may go on, whose
 * defaults stay.
 */
export async function openTrainingConfig(
	files: readonly string[],
	options: ConfigOptions,
	folder?: string,
): Promise<{ readonly config: Configuration; readonly checked: Checked }> {
	const config = await openConfig(files, options);
	const { roots } = await import('../train/settings.ts');
	const before = folder === undefined ? undefined : await recordOf(folder);
	const kept = before === undefined ? [] : await keptDefaults(config, before, roots);
	// A run that goes on has met what the rules are about, and may go on.
	const checked = config.finalize(roots, { ...strictness(options), ...(before === undefined ? {} : { rules: [] }) });
	return { config, checked: { ...checked, notices: [...checked.notices, ...kept] } };
}

async function recordOf(folder: string): Promise<Operative | undefined> {
	const [{ inspectFolder }, { readOperative }] = await Promise.all([
		import('../run/folder.ts'),
		import('./training/plan.ts'),
	]);
	return inspectFolder(folder).kind === 'run' ? readOperative(folder) : undefined;
}

async function keptDefaults(config: Configuration, before: Operative, roots: readonly string[]): Promise<string[]> {
	const { keepDefaults } = await import('./training/recorded-defaults.ts');
	return keepDefaults(config, config.check(roots, { rules: [] }), before);
}

/**
 * Reads and checks the config that a run folder records. It is complete: no default that has changed since can slip in,
 * and nothing there is unused. `bindings` win over it.
 */
export async function openRunConfig(
	run: string,
	code: CodeOptions,
	bindings: readonly string[] = [],
): Promise<{ readonly config: Configuration; readonly checked: Checked }> {
	await loadComponents();
	const [{ Configuration }, { recordedSource }, { roots }] = await Promise.all([
		import('../registry/configuration.ts'),
		import('../registry/config-file.ts'),
		import('../train/settings.ts'),
	]);
	const config = await Configuration.fromSources([recordedSource(run)], {
		...(await codeOptions({ ...code, record: run })),
		bindings,
		searchPath: searchPath(),
	});
	if (bindings.length > 0) {
		await refuseUnusedBindings(config, roots);
	}
	return { config, checked: config.finalize(roots, { allowUnused: true, rules: [] }) };
}

// What the record binds may have lost its use by them; they themselves must have one.
async function refuseUnusedBindings(config: Configuration, roots: readonly string[]): Promise<void> {
	const problems = config.check(roots, { rules: [] }).problems.filter(({ text }) => text.startsWith('-b '));
	if (problems.length > 0) {
		const { ConfigError } = await import('../core/errors.ts');
		throw new ConfigError(problems);
	}
}

/** Where configs are looked for last: those of this installation. */
export function searchPath(): string[] {
	return [`${projectRoot}/configs`, projectRoot];
}

/** Declares every kind and every component of this repository. */
export async function loadComponents(): Promise<void> {
	if (!areLoaded) {
		await importAll();
		areLoaded = true;
	}
}

let areLoaded = false;

async function importAll(): Promise<void> {
	const { componentFiles, discover, importFiles } = await import('../registry/discover.ts');
	// The contracts declare the kinds, and with them the folders to look into.
	await importFiles(componentFiles(`${projectRoot}/src`, ['train/contracts']));
	await import('../train/settings.ts');
	await import('./jobs/profiles.ts');
	await discover(`${projectRoot}/src`);
}

/** Collects an option that may repeat. */
export function collect(value: string, all: readonly string[]): string[] {
	return [...all, value];
}

function collectUse(value: string, all: ReadonlyMap<string, string>): Map<string, string> {
	const match = /^([^=\s]+)=(.+)$/u.exec(value);
	if (match === null) {
		throw new InvalidArgumentError('It must look like group=choice, as in --use model=vae.');
	}
	return new Map([...all, [match[1]!, match[2]!]]);
}
