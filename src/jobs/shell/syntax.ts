/** A command of a pipeline. */
export type Command =
	| {
			readonly kind: 'simple';
			readonly assignments: readonly string[];
			readonly words: readonly string[];
			/** What follows `<`, `>` and the like, each with its operator first. */
			readonly redirections: readonly string[];
	  }
	| { readonly kind: 'block'; readonly type: string; readonly parts: readonly Part[]; readonly variable?: string }
	| { readonly kind: 'subshell' }
	| { readonly kind: 'test'; readonly words: readonly string[] }
	| { readonly kind: 'function'; readonly name: string; readonly body: Command };

/** A list in a compound command. */
export interface Part {
	/** Whether it is there for its exit code only, as after `if`. */
	readonly isCondition: boolean;
	readonly list: List;
}

/** Commands joined by `;`, `&`, `&&` and `||`. */
export interface List {
	readonly chains: readonly Chain[];
}

/** Pipelines joined by `&&` and `||`. */
export interface Chain {
	readonly links: readonly Link[];
	/** Ended by `&`. */
	readonly isBackground: boolean;
}

/** A pipeline of a chain. */
export interface Link {
	/** What stands before it: nothing for the first one. */
	readonly after: '' | '&&' | '||';
	readonly commands: readonly Command[];
	/** Where it ends in the text. */
	readonly to: number;
}
