import test from 'ava';
import { knownComponents } from '../../../src/commands/catalog.ts';
import { loadComponents } from '../../../src/commands/training-config.ts';
import { check } from '../../../src/registry/check.ts';
import { nowhere } from '../../../src/registry/hooks.ts';
import { declared } from '../../../src/registry/registry.ts';
import { Callback } from '../../../src/train/contracts/callback.ts';
import type { Metric } from '../../../src/train/contracts/metric.ts';
import { watchedColumns } from '../../../src/train/watched-columns.ts';
import { assemble } from '../../fixtures/assemble.ts';

const base = "train.model = 'mlp'\ntrain.dataset = 'blobs'\n";

async function problems(text: string): Promise<string[]> {
	const { catalog } = await knownComponents();
	const merged = assemble([{ name: 'a.gin', kind: 'text', text: base + text }], nowhere, catalog);
	const options = { allowUnused: true, rules: [watchedColumns] };
	return check(merged, catalog, ['train', 'training_loop'], options).problems.map(({ text: shown }) => shown);
}

test('a monitored column is checked where it stands, in every spelling', async (t) => {
	t.deepEqual(await problems("model_checkpoint.monitor = 'valid/accuracy'"), []);
	t.regex(
		(await problems("model_checkpoint.monitor = 'valid/acuracy'"))[0]!,
		/^a\.gin:3:28: .*Did you mean "valid\/accuracy"/u,
	);
	t.regex((await problems("m = 'vaild/loss'\nmodel_checkpoint.monitor = %m"))[0]!, /^a\.gin:4:28: .*"vaild\/loss"/u);
	t.regex(
		(await problems("a/early_stopping.monitor = 'valid/x'\ntrain.callbacks = [@a/early_stopping()]"))[0]!,
		/^a\.gin:3:28: a\/early_stopping\.monitor/u,
	);
	t.regex((await problems("model_checkpoint.monitor = 'test/loss'"))[0]!, /must not be steered by the test split/u);
});

test('parameters decide which columns there are', async (t) => {
	const k = "train.metrics = ['top_k_accuracy']\ntop_k_accuracy.k = 2\nmodel_checkpoint.monitor = ";
	t.deepEqual(await problems(`${k}'valid/top_2_accuracy'`), []);
	t.regex((await problems(`${k}'valid/top_5_accuracy'`))[0]!, /Did you mean "valid\/top_2_accuracy"/u);
	const l2 = "model_checkpoint.monitor = 'train/loss/l2'\n";
	t.is((await problems(l2)).length, 1);
	t.deepEqual(await problems(`${l2}cross_entropy.l2 = 0.1`), []);
	const norm = "model_checkpoint.monitor = 'gradient_norm/max'\ntrain.callbacks = ['gradient_clip']\n";
	t.is((await problems(norm)).length, 1);
	t.deepEqual(await problems(`${norm}gradient_clip.log = True`), []);
});

test('what follows from a mistyped component is not reported as well', async (t) => {
	const [one, ...others] = await problems("train.metrics = ['acuracy']\nmodel_checkpoint.monitor = 'valid/accuracy'");
	t.regex(one!, /no metric named "acuracy"/u);
	t.deepEqual(others, []);
});

test('components declare the columns that they have', async (t) => {
	await loadComponents();
	const { catalog } = await knownComponents();
	for (const kind of ['metric', 'loss', 'callback', 'model']) {
		t.deepEqual(
			catalog
				.all(kind)
				.filter(({ columns }) => columns === undefined)
				.map(({ name }) => name),
			[],
			kind,
		);
	}
	const columnsOf = (name: string) =>
		catalog.component(name)!.columns!.map((column) => column.name.replace('{k}', '5'));
	for (const { name, target, parameters } of declared.all('metric')) {
		t.deepEqual([(new target(parameters.parse({})) as Metric).column], columnsOf(name));
	}
	for (const { name, target, parameters } of declared.all('callback')) {
		const values = parameters.safeParse(name === 'gradient_clip' ? { log: true } : {});
		const columns = values.success ? Object.keys((new target(values.data) as Callback).columns()) : [];
		t.deepEqual(columns, columnsOf(name), name);
	}
});
