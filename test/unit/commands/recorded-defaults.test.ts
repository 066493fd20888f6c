import test from 'ava';
import { keepDefaults } from '../../../src/commands/training/recorded-defaults.ts';
import { RefusedError } from '../../../src/core/errors.ts';
import { Configuration } from '../../../src/registry/configuration.ts';
import { diffConfigs } from '../../../src/registry/difference.ts';
import { type Operative, operativeOf } from '../../../src/registry/operative.ts';
import { zoo } from '../registry/zoo.ts';

const registry = zoo();
const text = "fit.net = 'cnn'\nadam.rate = 0.5\n";

async function effective(before?: Operative) {
	const config = await Configuration.fromText(text, { registry });
	const lines = before === undefined ? [] : keepDefaults(config, config.check(['fit']), before);
	const { reached, lookup } = config.finalize(['fit']);
	return { lines, operative: operativeOf(reached.nodes, lookup) };
}

// A run recorded when the defaults were others.
async function recorded(origin: object): Promise<Operative> {
	const { operative } = await effective();
	const copy = JSON.parse(JSON.stringify(operative));
	Object.assign(copy.components.cnn.parameters.dropout, { value: 0.25, text: '0.25', origin });
	return copy;
}

test('a run keeps a default that has changed since, says so, and keeps it the next time too', async (t) => {
	const before = await recorded({ type: 'default' });
	const first = await effective(before);
	t.deepEqual(diffConfigs(before, first.operative), []);
	t.is(first.lines.length, 1);
	t.regex(first.lines[0]!, /^cnn\.dropout stays 0\.25, as this run began; the default is [\d.]+ by now\.$/);
	const second = await effective(first.operative);
	t.deepEqual(diffConfigs(before, second.operative), []);
	t.deepEqual(second.lines, first.lines);
});

test('a recorded text that is more than a value is refused', async (t) => {
	const before = await recorded({ type: 'default' });
	for (const text of ['0.25\nfit.n_epochs = 9', '0.25 0.5', "0.25\nimport './x.ts'", '']) {
		Object.assign(before.components['cnn']!.parameters['dropout']!, { text });
		await t.throwsAsync(effective(before), { instanceOf: RefusedError, message: /cnn\.dropout is no value/u });
	}
});

test('a value that was bound is no default: leaving it out now is a difference', async (t) => {
	const before = await recorded({ type: 'file', source: 'a.gin', line: 1, column: 1, shown: 'a.gin:1:1' });
	const { lines, operative } = await effective(before);
	t.deepEqual(lines, []);
	t.is(diffConfigs(before, operative).length, 1);
});
