import { type Example, gin } from './example.ts';

const momentum = "train.optimizer = 'momentum'\n";
const schedule = "train.callbacks = ['lr_schedule']\n";
const numbered = (count: number, line: (n: number) => string) =>
	Array.from({ length: count }, (_, n) => line(n)).join('\n');

/** Lines that are well written and mean nothing, or the wrong thing. */
export const meaningExamples: readonly Example[] = [
	gin('config.unknown_component', 'Nothing of that name is registered.', 'mpl.dropout = 0.1'),
	gin('config.unknown_parameter', 'The component has no such parameter.', 'mlp.droput = 0.1'),
	gin('config.unknown_macro', 'The macro is defined nowhere.', 'rate = 0.1\nmlp.dropout = %rat'),
	gin('config.call_place', 'The parameter takes no such call.', 'mlp.dropout = grid([0.1, 0.2])'),
	gin('config.unknown_choice', 'The text is none of those allowed.', "mlp.activation = 'rellu'"),
	gin(
		'config.unknown_key',
		'A dict has a key that nothing reads.',
		`${schedule}lr_schedule.factors = [{'untill': 3, 'until': 3, 'factor': 0.1}]`,
	),
	gin('config.missing_key', 'A dict lacks a key.', `${schedule}lr_schedule.factors = [{'until': 3}]`),
	gin('config.missing_value', 'A parameter without default is not bound.', "train.callbacks = ['lr_schedule']"),
	gin('config.wrong_type', 'Nothing is converted: 5.0 and "5" are no integers.', "training_loop.n_epochs = '5'"),
	gin('config.wrong_length', 'A list is too short or too long.', `${schedule}lr_schedule.factors = []`),
	gin('config.wrong_kind', 'The component exists but is of another kind.', "train.loss = 'mlp'"),
	gin(
		'config.wrong_call',
		'A reference needs (), or must not have it.',
		`${momentum}momentum.learning_rate = @cosine\ncosine.initial = 0.1`,
	),
	gin('config.out_of_range', 'The number or the length of the text is not allowed.', 'mlp.dropout = 1.5'),
	gin('config.invalid_value', 'A rule of the component itself refuses the value.', "training_loop.train_for = 'soon'"),
	gin('config.ambiguous_component', 'A short name fits several components.', '', {
		files: {
			'example.gin': "import './losses.ts'\ntrain.loss = 'focal'\n",
			'losses.ts': [
				"import { loss } from 'gimlet';",
				"import { z } from 'zod';",
				"loss('mine.focal', z.object({}))(class {} as never);",
				"loss('yours.focal', z.object({}))(class {} as never);",
				'',
			].join('\n'),
		},
	}),
	gin(
		'config.singleton',
		'A singleton has a name as its scope and a constructor.',
		'train.model = @shared/gin.singleton()',
	),
	gin(
		'config.unused_binding',
		'Nothing that is built reads this value; `--allow-unused` accepts that.',
		'resnet.depth = 20',
	),
	gin('config.unused_macro', 'No line says %name; `--allow-unused` accepts that.', 'rate = 0.1'),
	gin(
		'config.duplicate_binding',
		'A later line of the same file binds the same; `--allow-unused` accepts that.',
		'mlp.dropout = 0.1\nmlp.dropout = 0.2',
	),
	gin(
		'config.duplicate_key',
		'A dict has the same key twice; `--allow-unused` accepts that.',
		`${schedule}lr_schedule.factors = [{'until': 3, 'until': 4, 'factor': 0.1}]`,
	),
	gin('config.empty_join', '`|=` adds nothing; `--allow-unused` accepts that.', 'train.metrics |= []'),
	gin(
		'config.named_twice',
		'A list names the same component twice.',
		"train.callbacks = ['early_stopping', 'early_stopping']",
	),
	gin('config.unreachable_scope', 'The component is never built in this scope.', 'large/mlp.dropout = 0.1'),
	gin(
		'config.shadowed',
		'Another binding wins wherever the component is built.',
		'train.model = @big/mlp()\nmlp.units = [64]\nbig/mlp.units = [512]',
	),
	gin('config.macro_cycle', 'Macros stand for each other in a circle.', 'a = %b\nb = %a\nmlp.dropout = %a'),
	gin(
		'config.macro_depth',
		'A chain of macros has no end in sight.',
		`${numbered(150, (n) => `m${n} = %m${n + 1}`)}\nm150 = 0.1\nmlp.dropout = %m0`,
		{
			shown: 'm0 = %m1\nm1 = %m2\n…      (150 lines)\nmlp.dropout = %m0',
		},
	),
	gin('config.reference_cycle', 'Components need each other in a circle.', '', {
		files: {
			'example.gin': "import './ring.ts'\ntrain.loss = 'ring'\nring.inner = @ring()\n",
			'ring.ts': [
				"import { component, loss, lossKind } from 'gimlet';",
				"import { z } from 'zod';",
				"loss('ring', z.object({ inner: component(lossKind) }))(class {} as never);",
				'',
			].join('\n'),
		},
	}),
	gin('config.reference_depth', 'A chain of components has no end in sight.', '', {
		files: {
			'example.gin': `import './nest.ts'\ntrain.loss = @s0/nest()\n${numbered(150, (n) => `s${n}/nest.inner = @s${n + 1}/nest()`)}\n`,
			'nest.ts': [
				"import { component, loss, lossKind } from 'gimlet';",
				"import { z } from 'zod';",
				"loss('nest', z.object({ inner: component(lossKind).optional() }))(class {} as never);",
				'',
			].join('\n'),
		},
		shown: 'train.loss = @s0/nest()\ns0/nest.inner = @s1/nest()\ns1/nest.inner = @s2/nest()\n…      (150 lines)',
	}),
	gin('config.scope_depth', 'Scopes are nested without end.', `${'a/'.repeat(150)}mlp.dropout = 0.1`, {
		shown: 'a/a/a/…/mlp.dropout = 0.1      (150 scopes)',
	}),
];
