import test, { type ExecutionContext } from 'ava';
import { ConfigError, UsageError } from '../../../src/core/errors.ts';
import { built } from '../../fixtures/building.ts';

async function refused(t: ExecutionContext, pattern: RegExp, ...bindings: string[]): Promise<void> {
	const error = await t.throwsAsync(built(bindings), { instanceOf: UsageError }, bindings.join());
	t.regex(error?.message ?? '', pattern);
	t.is(error?.exitCode, 2);
}

test('every column is known before training, with its direction and what it comes from', async (t) => {
	const clip = ["train.callbacks = ['gradient_clip']", 'gradient_clip.log = True'];
	const { parts } = await built([
		...clip,
		"train.metrics = ['macro_f1']",
		"train.loss = 'cross_entropy'",
		'cross_entropy.l2 = 0.1',
	]);
	const columns = new Map(parts.columns.map(({ name, direction, of }) => [name, `${direction} ${of}`]));
	t.is(columns.get('lr'), 'null training_loop');
	t.is(columns.get('gradient_norm/max'), 'null callback gradient_clip');
	for (const split of ['train', 'valid', 'test']) {
		t.is(columns.get(`${split}/macro_f1`), 'max metric macro_f1');
		t.is(columns.get(`${split}/loss`), 'min loss cross_entropy');
		t.is(columns.get(`${split}/loss/l2`), 'min loss cross_entropy');
	}
});

test('a monitor of a column that does not exist is refused with the nearest, all of them together', async (t) => {
	const both = ["train.callbacks = ['early_stopping', 'reduce_lr_on_plateau']", "early_stopping.monitor = 'valid/los'"];
	await refused(t, /early_stopping\.monitor = "valid\/los": .* Did you mean "valid\/loss"\?/u, ...both);
	await refused(
		t,
		/early_stopping\.monitor = "valid\/los".*reduce_lr_on_plateau\.monitor = "valid\/acc".*model_checkpoint\.monitor = "vaild\/loss"/su,
		...both,
		"reduce_lr_on_plateau.monitor = 'valid/acc'",
		"model_checkpoint.monitor = 'vaild/loss'",
	);
	await refused(t, /must not be steered by the test split/u, "model_checkpoint.monitor = 'test/loss'");
});

test('a mode contrary to what is declared is refused, and a column without a direction needs one', async (t) => {
	await refused(
		t,
		/"max": of valid\/loss less is better, says the loss cross_entropy/u,
		"model_checkpoint.mode = 'max'",
	);
	const scoped = ['train.callbacks = [@a/early_stopping()]', "a/early_stopping.monitor = 'valid/accuracy'"];
	await refused(
		t,
		/^a\/early_stopping\.mode = "min": of valid\/accuracy more/u,
		...scoped,
		"a/early_stopping.mode = 'min'",
	);
	await refused(t, /"lr": whether more or less/u, "model_checkpoint.monitor = 'lr'");
	await t.notThrowsAsync(built(["model_checkpoint.monitor = 'lr'", "model_checkpoint.mode = 'min'"]));
	const { remarks } = await built(["model_checkpoint.mode = 'max'"], false);
	t.regex(remarks[0]!, /of valid\/loss less is better/u);
});

const plugin = 'test/fixtures/plugins/columns.ts';

test('an empty validation split has no columns to watch', async (t) => {
	const empty = ["train.dataset = 'unsplit'"];
	const error = await t.throwsAsync(built(empty, true, [plugin]), { instanceOf: ConfigError });
	t.regex(error!.message, /"valid\/loss": the validation split is empty/u);
	const { parts } = await built([...empty, "model_checkpoint.monitor = 'train/loss'"], true, [plugin]);
	t.deepEqual(
		parts.columns.filter(({ name }) => /^(?:valid|test)\//u.test(name)),
		[],
	);
});

test('a callback says which columns it adds; of one that does not, the mode must be given', async (t) => {
	const watch = (column: string) => [`model_checkpoint.monitor = '${column}'`];
	const open = ["train.callbacks = ['open']", ...watch('valid/fid')];
	await t.throwsAsync(built(open, true, [plugin]), { message: /columns\(\)/u });
	await t.notThrowsAsync(built([...open, "model_checkpoint.mode = 'min'"], true, [plugin]));
	const slip = ["train.callbacks = ['open']", ...watch('valid/acuracy'), "model_checkpoint.mode = 'max'"];
	await t.throwsAsync(built(slip, true, [plugin]), { message: /Did you mean "valid\/accuracy"/u });
	const { parts } = await built(["train.callbacks = ['declaring']", ...watch('valid/fid')], true, [plugin]);
	t.is(parts.columns.find(({ name }) => name === 'valid/fid')?.direction, 'min');
});

test('two of one column are told apart by their scopes, or refused by name', async (t) => {
	const ece = 'expected_calibration_error';
	const { parts } = await built([`train.metrics = [@b/${ece}(), @${ece}(), @c/${ece}()]`]);
	t.deepEqual(
		parts.metrics.map(({ column }) => column),
		[`${ece}/b`, ece, `${ece}/c`],
	);
	const scoped = await built([`train.metrics = [@a/${ece}(), @b/${ece}()]`]);
	t.deepEqual(
		scoped.parts.metrics.map(({ column }) => column),
		[ece, `${ece}/b`],
	);
	const same = await t.throwsAsync(built(["train.metrics = ['accuracy', 'other_accuracy']"], true, [plugin]));
	t.regex(same!.message, /called train\/accuracy: .* metric accuracy and that of the metric other_accuracy/u);
	const clips = ['train.callbacks = [@a/gradient_clip(), @b/gradient_clip()]', 'gradient_clip.log = True'];
	await refused(t, /gradient_norm\/mean: that of the callback a\/gradient_clip and that of the callback b/u, ...clips);
});

test('two callbacks that write one thing are refused; a second checkpoint has a name of its own', async (t) => {
	for (const name of ['csv_logger', 'tensorboard', 'meta_saver', 'heartbeat', 'progress', 'weight_average']) {
		await refused(
			t,
			new RegExp(`a/${name} and b/${name} both write `, 'u'),
			`train.callbacks = [@a/${name}(), @b/${name}()]`,
		);
	}
	const two = 'train.callbacks = [@model_checkpoint(), @b/model_checkpoint()]';
	await refused(
		t,
		/model_checkpoint and b\/model_checkpoint both write checkpoints\/best.* b\/model_checkpoint\.name/u,
		two,
	);
	await refused(t, /name expects a plain name/u, two, "b/model_checkpoint.name = 'last'");
	const { parts } = await built([two, "b/model_checkpoint.name = 'other'", "train.metrics = ['accuracy']"]);
	t.deepEqual(
		parts.callbacks.filter(({ callback }) => callback.watches().length > 0).map(({ callback }) => callback.owns()),
		[['checkpoints/best'], ['checkpoints/other']],
	);
});
