import type { Problem } from '../../core/errors.ts';
import type { ImportStatement, MacroValue, ReferenceValue, Source, Span, Value } from '../ast.ts';
import type { Bound } from '../model/meaning.ts';
import type { Table } from '../model/table.ts';

/** A line that a later one replaced or, with `|=`, added to; most recent first where several are listed. */
export interface Replaced {
	/** What was bound before the line that replaced it; before a `|=`, what the earlier line itself said. */
	readonly value: Value;
	/** The whole statement. */
	readonly span: Span;
}

/** What one cell is bound to once every file, `-b` line, `|=` and `unset` has been applied. */
export interface MergedBinding extends Bound {
	/** The selector as the winning line spells it; of a macro written as one its name. */
	readonly written: string;
	/** The parameter as the winning line spells it, empty for a macro written as one. */
	readonly writtenParameter: string;
	/** `env()` is resolved and `|=` applied; references and macros stand as written. */
	readonly value: Value;
	/** The winning statement; its `source.name` is a file path, `-b 1`, or `--use model=vae`. */
	readonly span: Span;
	/** The part left of the operator. */
	readonly key: Span;
	readonly overrode: readonly Replaced[];
	/** True where `|=` found nothing bound before it: the value is to be joined to the component's default (`joinValues`). */
	readonly ontoDefault: boolean;
}

/** A line that changes nothing. */
export interface DeadLine {
	/** What it binds. */
	readonly name: string;
	readonly key: Span;
	/** The line of the same file that binds the same later; undefined for a `|=` that adds nothing. */
	readonly later: Span | undefined;
}

/** A file that took part, with its text so that a run folder can keep a copy. */
export interface MergedFile {
	/** As the reader was asked for it: the path to open. */
	readonly path: string;
	readonly text: string;
	readonly via: 'root' | 'include' | 'extends' | 'use';
	/** The statement that named it; undefined for a root. */
	readonly from: Span | undefined;
}

/** An `import` statement, in order; nothing has been loaded yet. */
export interface MergedImport {
	readonly statement: ImportStatement;
	/** The folder of the file it stands in (the empty string for `-b` lines): where a file import is looked up first. */
	readonly folder: string;
}

/** One step of an `extends` chain: `child` extends `parent`. */
export interface ChainLink {
	readonly child: string;
	readonly parent: string;
	readonly span: Span;
}

/** A choice in effect. */
export interface MergedUse {
	readonly group: string;
	readonly choice: string;
	/** The file that was loaded for it. */
	readonly path: string;
	/** The `use` line whose place it takes. */
	readonly span: Span;
	/** Whether `--use` made the choice. */
	readonly fromCommandLine: boolean;
}

/** A variable that `env()` asked for. */
export interface MergedEnv {
	readonly name: string;
	/** The variable's text, or undefined where it was not set and the fallback counted. */
	readonly found: string | undefined;
	readonly span: Span;
}

/** A whole config, merged: the last line wins, per scope. */
export interface Merged {
	readonly table: Table<MergedBinding>;
	/** Parameters of components, in the order in which each was first bound. */
	readonly bindings: readonly MergedBinding[];
	/** Macros; the scope of each is its path. */
	readonly macros: readonly MergedBinding[];
	readonly dead: readonly DeadLine[];
	/** Every file that took part, in the order of processing; one that is named twice is listed once. */
	readonly files: readonly MergedFile[];
	readonly imports: readonly MergedImport[];
	/** The `extends` steps, from the root file upwards. */
	readonly chain: readonly ChainLink[];
	readonly uses: readonly MergedUse[];
	readonly environment: readonly MergedEnv[];
	/** Everything wrong that can be seen without knowing the components; the config must not be used if it is not empty. */
	readonly problems: readonly Problem[];
	/** What stood in statements that could not be read: names used there are not unused. */
	readonly broken: ReadonlyArray<ReferenceValue | MacroValue>;
	/** Macros that `|=` put among other values: the joined values do not name them any more. */
	readonly joinedMacros: ReadonlySet<MergedBinding>;
}

/** What assembling needs from outside. */
export interface Surroundings {
	/** The text of a file that another source names, or undefined where there is none; other failures throw. */
	read(path: string, from: Source): string | undefined;
	/** The names of the files in a folder, for suggestions; empty where there is none. */
	list?(folder: string): readonly string[];
	/** An environment variable. */
	env(name: string): string | undefined;
	/** Folders looked in after the including file's own and the working directory (the path as given). */
	readonly searchPath: readonly string[];
	/** `--use group=choice`, which replaces the choice of any `use` line of that group. */
	readonly uses: ReadonlyMap<string, string>;
}
