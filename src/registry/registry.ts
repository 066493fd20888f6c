import { fileURLToPath } from 'node:url';
import { GimletError, UsageError } from '../core/errors.ts';
import { sourceOf } from '../core/source-file.ts';
import { didYouMean } from '../core/suggest.ts';
import type { Declaration } from './declaration.ts';

const namePattern = /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$/u;

/** Names and the components they stand for; one name is one component, whatever its kind. */
export class Registry {
	readonly #byName = new Map<string, Declaration>();

	/** Records a component; a second one of the same name from elsewhere is an error that shows both files. */
	add(declaration: Declaration): void {
		if (!namePattern.test(declaration.name)) {
			throw new UsageError(
				'registry.bad_name',
				`${declaration.file}: "${declaration.name}" cannot name a ${declaration.kind.name}: use snake_case, as in "simple_cnn".`,
			);
		}
		const earlier = this.#byName.get(declaration.name);
		if (earlier !== undefined) {
			throw new UsageError(
				'registry.duplicate',
				`"${declaration.name}" is declared twice: the ${earlier.kind.name} in ${earlier.file} and the ${declaration.kind.name} in ${declaration.file}. Rename one of them.`,
			);
		}
		this.#byName.set(declaration.name, declaration);
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
