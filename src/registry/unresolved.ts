import type { Span } from '../gin/ast.ts';
import type { Merged, MergedBinding } from '../gin/merge/merged.ts';
import type { Trouble } from '../gin/model/meaning.ts';
import { deepest, isTooDeep } from '../gin/model/scopes.ts';
import { visitValue } from '../gin/values.ts';
import type { Catalog } from './catalog.ts';
import type { Lookup, ValueMeaning } from './lookup.ts';
import type { Mismatch } from './mismatch.ts';

/** What a value that means nothing is reported as. */
export interface Unresolved {
	readonly code: string;
	readonly message: string;
	/** Whether the message is about the place and begins with its name, or stands for itself. */
	readonly isAbout: 'place' | 'itself';
	/** Whether a legal name is near. */
	readonly isNear: boolean;
}

/** What to say of a name that means nothing; `kinds` are those that are wanted there, none where any is. */
export function troubleOf(trouble: Trouble, lookup: Lookup, kinds: readonly string[] = []): Unresolved {
	switch (trouble.reason) {
		case 'unknown':
			return unknownComponent(trouble.selector, lookup, kinds);
		case 'ambiguous': {
			const message = `"${trouble.selector}" may mean ${trouble.candidates.join(' or ')}: write one of them whole`;
			return { code: 'config.ambiguous_component', message, isAbout: 'place', isNear: true };
		}
		case 'ambiguous_constant': {
			const message = `%${trouble.selector} may mean the constants ${trouble.candidates.join(' or ')}: write one of them whole`;
			return { code: 'config.ambiguous_constant', message, isAbout: 'itself', isNear: true };
		}
		case 'unbound_macro':
			return unknownMacro(trouble.path, lookup);
		case 'endless_macro': {
			const message = `%${trouble.path} leads back to itself, or stands for more than ${deepest} macros in a row`;
			return { code: 'config.macro_cycle', message, isAbout: 'itself', isNear: true };
		}
		case 'uncalled_macro': {
			const message = `@${trouble.path}/macro is the macro itself: write %${trouble.path} for its value`;
			return { code: 'config.wrong_call', message, isAbout: 'place', isNear: true };
		}
		case 'nameless': {
			const message = `@${trouble.name}() needs a scope that names it, as in @name/${trouble.name}()`;
			return { code: 'config.unknown_macro', message, isAbout: 'place', isNear: true };
		}
	}
}

/** References and macros that no parameter's type looks at: those inside macro definitions. */
export function unresolvedInMacros({ macros }: Pick<Merged, 'macros'>, lookup: Lookup): Mismatch[] {
	return macros.flatMap((macro) => {
		const found: Mismatch[] = [];
		eachInside(lookup.reading.of(macro.value, lookup.reading.types.any, macro.scope), (meaning) => {
			if (meaning.is === 'trouble' && meaning.trouble.reason !== 'endless_macro') {
				const { code, message, isAbout } = troubleOf(meaning.trouble, lookup);
				const text = isAbout === 'place' ? `macro ${macro.scope}: ${message}` : message;
				found.push({ code, span: meaning.value.span ?? macro.span, message: text });
			}
		});
		return found;
	});
}

/** Scopes nested deeper than can be looked up in reasonable time. */
export function deepScopes({ table }: Pick<Merged, 'table'>): Mismatch[] {
	return Array.from(table.all()).flatMap(({ scope, value, span }) => {
		const found: Mismatch[] = [];
		const see = (text: string, at: Span) => {
			if (isTooDeep(text)) {
				found.push({ code: 'config.scope_depth', span: at, message: `scopes are nested more than ${deepest} deep` });
			}
		};
		see(scope, span);
		visitValue(value, (part) => {
			if (part.type === 'reference' || part.type === 'macro') {
				see(part.scope, part.span ?? span);
			}
		});
		return found;
	});
}

/** Macros that lead back to themselves, each circle once, and chains without end, used or not. */
export function endlessMacros({ reading }: Lookup): Mismatch[] {
	const { circles, tooLong } = reading.endless;
	const found = circles.map((circle) => {
		const chain = [...circle, circle[0]!].map(({ scope }) => `%${scope}`).join(' -> ');
		return { code: 'config.macro_cycle', span: circle[0]!.span, message: `macros lead back to themselves: ${chain}` };
	});
	const message = `more than ${deepest} macros stand for one another in a row`;
	return tooLong === undefined ? found : [...found, { code: 'config.macro_depth', span: tooLong.span, message }];
}

/** Calls `see` with a meaning and everything in it, but not with what macros stand for. */
export function eachInside(meaning: ValueMeaning, see: (meaning: ValueMeaning) => void): void {
	see(meaning);
	if (meaning.is === 'sequence') {
		for (const item of meaning.items) {
			eachInside(item, see);
		}
	} else if (meaning.is === 'dict') {
		for (const part of [...meaning.entries.flat(), ...meaning.dropped]) {
			eachInside(part, see);
		}
	}
}

/** Every macro that a meaning uses, those of macros included. */
export function macrosOf(meaning: ValueMeaning, into: Set<MergedBinding>): void {
	eachInside(meaning, (part) => {
		if (part.is === 'macro' && !into.has(part.bound)) {
			into.add(part.bound);
			macrosOf(part.stands, into);
		}
	});
}

const names = new WeakMap<Catalog, string[]>();

/** Every name of a catalog, sorted; remembered, since a config may hold many mistakes. */
export function allKnown(catalog: Catalog): string[] {
	const found = names.get(catalog) ?? catalog.names();
	names.set(catalog, found);
	return found;
}

/** `There is none.` or the first names there are. */
export function known(kind: string, legal: readonly string[]): string {
	return legal.length === 0
		? `No ${kind} is registered.`
		: `Known: ${legal.slice(0, 12).join(', ')}${legal.length > 12 ? ', …' : ''}.`;
}

function unknownComponent(selector: string, { catalog, hints }: Lookup, kinds: readonly string[]): Unresolved {
	const kind = kinds.length === 0 ? 'component' : kinds.join(' or ');
	const legal = () => (kinds.length === 0 ? allKnown(catalog) : kinds.flatMap((one) => catalog.names(one)));
	const near = hints.didYouMean(selector, kinds.length === 0 ? 'all' : `of kind ${kind}`, legal);
	const allowed = near === '' ? ` ${known(kind, legal())}` : near;
	const message = `there is no ${kind} named "${selector}".${allowed}`;
	return { code: 'config.unknown_component', message, isAbout: 'place', isNear: near !== '' };
}

function unknownMacro(path: string, { hints, macros, constants }: Lookup): Unresolved {
	if (path === '') {
		const message = '@gin.macro() without a scope is the default of all macros, and there is none';
		return { code: 'config.unknown_macro', message, isAbout: 'itself', isNear: true };
	}
	const near = hints.didYouMean(path, 'macros and constants', () => [
		...macros.map(({ scope }) => scope),
		...Array.from(constants.entries(), ([name]) => name),
	]);
	return {
		code: 'config.unknown_macro',
		message: `%${path} is not defined.${near}`,
		isAbout: 'itself',
		isNear: near !== '',
	};
}
