import { type Example, gin } from './example.ts';

/** Mistakes of the grammar: found without knowing any component. */
export const syntaxExamples: readonly Example[] = [
	gin(
		'config.syntax.dedent',
		'A line goes back to an indentation that no line above has.',
		'mlp:\n    dropout = 0.1\n  batch_norm = True',
	),
	gin(
		'config.syntax.call',
		'A call of the closed list, such as grid(), has other arguments.',
		'mlp.dropout = uniform(0.5, 0)',
	),
	gin('config.syntax.env', 'env() takes a name in quotes and at most one fallback.', 'mlp.dropout = env(DROPOUT)'),
	gin('config.syntax.eof', 'A bracket or a string is still open where the text ends.', 'mlp.units = [64,'),
	gin(
		'config.syntax.expected_close_paren',
		'A reference takes no arguments.',
		"train.optimizer = 'momentum'\nmomentum.learning_rate = @cosine(0.1)",
	),
	gin(
		'config.syntax.expected_colon',
		'A dict consists of `key: value` pairs.',
		"lr_schedule.factors = [{'until' = 3}]",
	),
	gin('config.syntax.expected_comma_or_close', 'Items are separated by commas.', 'mlp.units = [64 32]'),
	gin('config.syntax.expected_equals', 'A line of a block is `parameter = value`.', 'mlp:\n  dropout 0.1'),
	gin('config.syntax.expected_import', '`from` is followed by a module and `import`.', 'from parts include mine'),
	gin('config.syntax.expected_indent', 'The lines of a block are indented.', 'mlp:\ntraining_loop.n_epochs = 3'),
	gin('config.syntax.expected_newline', 'One statement per line.', 'mlp.dropout = 0.1 0.2'),
	gin(
		'config.syntax.extends_first',
		'`extends` may only be the first statement; `include` may stand anywhere.',
		"mlp.dropout = 0.1\nextends 'other.gin'",
	),
	gin('config.syntax.identifier', 'A plain name belongs here.', "use 'model' = 'mlp'".replace("'model'", 'αβ')),
	gin('config.syntax.include_path', 'A path is written in quotes.', 'include other.gin'),
	gin('config.syntax.literal', 'A bare word is no value: texts need quotes.', 'train.loss = cross_entropy'),
	gin('config.syntax.selector', 'A name has no blanks inside.', 'mlp . dropout = 0.1'),
	gin('config.syntax.statement', 'A line is a binding, a block header or a statement.', 'mlp.dropout 0.1'),
	gin('config.syntax.unexpected_token', 'A name belongs here.', '= 0.1'),
	gin('config.syntax.use', 'The choice of a group is a string.', 'use model = 3'),
	gin('config.syntax.value', 'A value belongs here.', 'mlp.dropout ='),
	gin('config.recursion', 'Brackets are nested without end.', `mlp.units = ${'['.repeat(500)}${']'.repeat(500)}`, {
		shown: 'mlp.units = [[[[…      (500 brackets)',
	}),
	gin('config.unhashable_key', 'Lists and dicts cannot be keys.', 'lr_schedule.factors = {[1]: 2}'),
	gin('config.import.gin_feature', 'gin itself has one feature to import.', 'from __gin__ import everything'),
	gin(
		'config.import.gin_alias',
		'An import from `__gin__` cannot be renamed.',
		'from __gin__ import dynamic_registration as registration',
	),
];
