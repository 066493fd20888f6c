import type { ImportStatement } from '../../../src/gin/ast.ts';
import { GinError, statementFrame } from './gin-error.ts';
import type { ModuleObject, ParseContext, State } from './state.ts';

/** The module that is imported: a `from` form imports the member as a module. */
export function importedName({ module, member }: ImportStatement): string {
	return member === undefined ? module : `${module}.${member}`;
}

/** The statement as gin prints it. */
export function importText({ module, member, alias }: ImportStatement): string {
	const text = member === undefined ? `import ${module}` : `from ${module} import ${member}`;
	return alias === undefined ? text : `${text} as ${alias}`;
}

/** The name that an import makes known. */
export function boundName({ module, member, alias }: ImportStatement): string {
	return alias ?? member ?? module.split('.')[0]!;
}

/** The module part of selectors that an import leads to. */
export function selectorModule(statement: ImportStatement): string {
	const { module, member, alias } = statement;
	if (alias !== undefined) {
		return [...importedName(statement).split('.').slice(0, -1), alias].join('.');
	}
	return member === undefined ? module.split('.')[0]! : importedName(statement);
}

/** Carries out an import in a context. */
export function processImport(state: State, context: ParseContext, statement: ImportStatement): void {
	if (statement.member !== undefined && importedName(statement).startsWith('__gin__.')) {
		enableFeature(state, context, statement);
	} else {
		const module = load(state, statement);
		if (context.isDynamic) {
			const name = boundName(statement);
			if (name === 'gin') {
				const message = `The \`gin\` symbol is reserved; cannot bind import statement "${importText(statement)}" to \`gin\`.`;
				throw new GinError('import.gin_reserved', 'ValueError', message);
			}
			context.symbols.set(name, { value: module, source: statement });
		}
	}
	context.imports.push(statement);
}

function enableFeature(state: State, context: ParseContext, statement: ImportStatement): void {
	const fail = (code: string, message: string) =>
		new GinError(code, 'SyntaxError', message, [statementFrame(statement.span)]);
	if (statement.alias !== undefined) {
		throw fail('import.gin_alias', '__gin__ imports do not support `as` aliasing.');
	}
	const feature = importedName(statement).slice('__gin__.'.length);
	if (feature !== 'dynamic_registration') {
		throw fail('import.gin_feature', `Unrecognized __gin__ feature '${feature}'.`);
	}
	if (context.imports.length > 0) {
		const before = context.imports.map((earlier) => `'${importText(earlier)}'`).join(', ');
		const message = 'Dynamic registration should be enabled before any other modules are imported.';
		throw fail('import.dynamic_late', `${message}\n\nAlready imported: [${before}].`);
	}
	context.isDynamic = true;
	context.symbols.set('gin', { value: ginModule(state), source: undefined });
}

// A plain `import a.b` makes `a` known; every other form the module itself.
function load(state: State, statement: ImportStatement): ModuleObject {
	const module = state.host.importModule(importedName(statement));
	const isPlain = statement.member === undefined && statement.alias === undefined;
	const [first] = statement.module.split('.');
	return isPlain && first !== statement.module ? state.host.importModule(first!) : module;
}

function ginModule(state: State): ModuleObject {
	const names = new Set(['macro', 'constant', 'singleton']);
	return {
		name: 'gin',
		attribute: (name) => (names.has(name) ? state.registry.get(`gin.${name}`)?.target : undefined),
	};
}
