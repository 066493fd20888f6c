import { fileURLToPath } from 'node:url';
import { GimletError, UsageError } from '../core/errors.ts';
import { sourceOf } from '../core/source-file.ts';
import { didYouMean } from '../core/suggest.ts';
import type { Value } from '../gin/ast.ts';
import { isBuiltin } from '../gin/model/builtins.ts';
import { Constants, requiredName } from '../gin/model/constants.ts';
import { isSelector } from '../gin/model/identifiers.ts';
import type { PlainValue } from './catalog.ts';
import type { Rule } from './check.ts';
import type { Declaration } from './declaration.ts';
import { fromPlain } from './plain.ts';

/** What a finalize hook may ask of a config. */
export interface HookView {
	/** The value that a key such as `adam.learning_rate` or `%lr` is bound to, as plain data; undefined where it is not. */
	query(key: string): PlainValue | undefined;
}

/** Bindings that code adds when a config has been read: names such as `scope/adam.learning_rate`, and their values. */
export type HookBindings = (view: HookView) => Readonly<Record<string, PlainValue>> | undefined;

/** Names and the components they stand for; one name is one component, whatever its kind. */
export class Registry {
	readonly #byName = new Map<string, Declaration>();
	/** Other names, by which a component may be called too. */
	readonly #byAlias = new Map<string, Declaration>();
	/** Named values for `%module.NAME`. */
	readonly constants = new Constants<Value>([[requiredName, { type: 'none' }]]);
	readonly hooks = new Map<string, HookBindings>();
	/** Rules over configs as a whole. */
	readonly rules = new Set<Rule>();

	/** Records a component; a second one of the same name from elsewhere is an error that shows both files. */
	add(declaration: Declaration): void {
		const { aliases = [] } = (declaration.parameters.meta() ?? {}) as { readonly aliases?: readonly string[] };
		for (const name of [declaration.name, ...aliases]) {
			this.#requireFree(name, declaration);
		}
		this.#byName.set(declaration.name, declaration);
		for (const alias of aliases) {
			this.#byAlias.set(alias, declaration);
		}
	}

	#requireFree(name: string, { kind, file }: Declaration): void {
		if (!isSelector(name)) {
			throw new UsageError(
				'registry.bad_name',
				`${file}: "${name}" cannot name a ${kind.name}: a name is a letter or underscore followed by letters, digits and underscores, with dots between several, as in "simple_cnn".`,
			);
		}
		if (isBuiltin(name)) {
			throw new UsageError(
				'registry.duplicate',
				`"${name}" is declared twice: by gin itself and in ${file}. Rename it.`,
			);
		}
		const earlier = this.#byName.get(name) ?? this.#byAlias.get(name);
		if (earlier !== undefined) {
			throw new UsageError(
				'registry.duplicate',
				`"${name}" is declared twice: the ${earlier.kind.name} in ${earlier.file} and the ${kind.name} in ${file}. Rename one of them.`,
			);
		}
	}

	/** Records a named value; one whose name an earlier one may be meant by is an error. */
	addConstant(name: string, value: PlainValue): void {
		const refusal = this.constants.add(name, fromPlain(value));
		if (refusal !== undefined) {
			const why =
				refusal.reason === 'bad_name'
					? 'a name is letters, digits and underscores, with dots between several, as in "math.PI"'
					: `it may mean ${refusal.by.join(' or ')}, which there is already`;
			throw new UsageError('registry.constant', `"${name}" cannot name a constant: ${why}.`);
		}
	}

	/** Records bindings that are added when a config has been read, under the name that their origin shows. */
	addHook(name: string, bindings: HookBindings): void {
		if (this.hooks.has(name)) {
			throw new UsageError('registry.hook', `There are two finalize hooks named "${name}". Rename one of them.`);
		}
		this.hooks.set(name, bindings);
	}

	/** How many components there are. */
	get size(): number {
		return this.#byName.size;
	}

	find(name: string): Declaration | undefined {
		return this.#byName.get(name);
	}

	/** The component of that name, or an error naming the nearest ones (of `kind` where given). */
	get(name: string, kind?: string): Declaration {
		const found = this.#byName.get(name);
		if (found !== undefined && (kind === undefined || found.kind.name === kind)) {
			return found;
		}
		const legal = this.names(kind);
		throw new UsageError(
			'registry.unknown',
			`There is no ${kind ?? 'component'} named "${name}".${didYouMean(name, legal)} Known: ${legal.join(', ')}.`,
		);
	}

	/** Every declaration of a kind (all kinds when left out), sorted by name. */
	all(kind?: string): Declaration[] {
		return [...this.#byName.values()]
			.filter((declaration) => kind === undefined || declaration.kind.name === kind)
			.sort((a, b) => (a.name < b.name ? -1 : 1));
	}

	names(kind?: string): string[] {
		return this.all(kind).map(({ name }) => name);
	}
}

/** The registry that decorators write to. A config may be checked against any other instance. */
export const declared = new Registry();

/** Declares a named value: `constant('math.PI', 3.14)` lets a config say `%math.PI`, or `%PI` where that is the only one. */
export function constant(name: string, value: PlainValue): void {
	declared.addConstant(name, value);
}

/** Declares a constant for each member of an enumeration: `%Color.RED` of `enumConstants('Color', { RED: 'red' })`. */
export function enumConstants(name: string, members: Readonly<Record<string, PlainValue>>): void {
	for (const [member, value] of Object.entries(members)) {
		// A numeric enum of TypeScript leads back from its numbers to their names.
		if (!/^-?\d/u.test(member)) {
			declared.addConstant(`${name}.${member}`, value);
		}
	}
}

/** Adds bindings from code when a config has been read; they win over all lines, and their origin is `hook NAME`. */
export function finalizeHook(name: string, bindings: HookBindings): void {
	declared.addHook(name, bindings);
}

/** The file that called a decorator: the first frame outside `src/registry` (and TypeScript's decorator glue). */
export function callerFile(): string {
	const frames = (new Error().stack ?? '').split('\n').slice(1);
	for (const frame of frames) {
		const match = /(?:\(|at (?:async )?)((?:file:\/\/)?\/[^():]+|file:\/\/[^()]+?):\d+(?::\d+)?\)?$/u.exec(frame);
		const file = match?.[1];
		if (
			file !== undefined &&
			!/[/\\]registry[/\\](?:registry|decorators)\.[cm]?[jt]s$/u.test(file) &&
			!file.includes('node_modules')
		) {
			return sourceOf(file.startsWith('file://') ? fileURLToPath(file.replace(/\?.*$/u, '')) : file);
		}
	}
	return 'unknown';
}

/** For code that must not go on when a name is missing although it was checked. */
export function missing(what: string): never {
	throw new GimletError('internal', `${what} is missing although it was checked: this is a defect of gimlet.`);
}
