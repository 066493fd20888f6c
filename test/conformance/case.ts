/** A value in the case format: JSON, with `{"$kind": …}` for what JSON lacks. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A function or class to register. */
export interface Entry {
	readonly name: string;
	readonly module?: string;
	readonly kind: 'function' | 'class';
	readonly via?: 'configurable' | 'register' | 'external' | 'plain';
	readonly params?: ReadonlyArray<{ name: string; default?: Json; kwonly?: boolean; aliases?: readonly string[] }>;
	/** Other names, which only production has. */
	readonly aliases?: readonly string[];
	readonly varargs?: string;
	readonly varkw?: string;
	readonly allowlist?: Json;
	readonly denylist?: Json;
	readonly returns?: string;
	readonly with_name?: string;
	readonly with_value?: Json;
	readonly with_params?: boolean;
	readonly body?: readonly Call[];
	readonly base?: string;
	readonly super_args?: readonly string[];
	readonly methods?: ReadonlyArray<Entry & { registered?: boolean }>;
	readonly no_init?: boolean;
	readonly py_name?: string;
	readonly py_module?: string;
}

/** A call from outside. */
export interface Call {
	readonly selector?: string;
	readonly get?: string;
	readonly scope?: Json;
	readonly pos?: readonly Json[];
	readonly args?: Readonly<Record<string, Json>>;
	readonly then?: ReadonlyArray<Call & { method: string }>;
}

export interface Enumeration {
	readonly name: string;
	readonly module?: string;
	readonly py_module?: string;
	readonly members?: Readonly<Record<string, Json>>;
}

export interface Module {
	readonly registers?: readonly Entry[];
	readonly plain?: readonly Entry[];
	readonly imports?: readonly string[];
	readonly fails?: string;
	readonly constants?: Readonly<Record<string, Json>>;
}

export type Step = { readonly op: string } & { readonly [key: string]: Json };

/** One case: everything but `expect` is input. */
export interface Case {
	readonly id: string;
	readonly title?: string;
	readonly quirk?: string;
	readonly files?: Readonly<Record<string, string>>;
	readonly modules?: Readonly<Record<string, Module>>;
	readonly registry?: readonly Entry[];
	readonly constants?: Readonly<Record<string, Json>>;
	readonly enums?: readonly Enumeration[];
	readonly config?: string | readonly string[];
	readonly config_files?: readonly string[];
	readonly bindings?: readonly string[];
	readonly finalize?: boolean;
	readonly skip_unknown?: Json;
	readonly calls?: readonly Call[];
	readonly queries?: readonly string[];
	readonly steps?: readonly Step[];
	readonly want?: readonly string[];
	readonly expect: Readonly<Record<string, Json>>;
}

/** How an error is recorded. */
export interface RecordedError {
	readonly kind: string;
	readonly code: string;
	readonly message: string;
	readonly where?: ReadonlyArray<{ file: string | null; line: number }>;
	readonly stage?: string;
	readonly index?: number;
}
