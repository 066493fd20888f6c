import test from 'ava';
import { jobId } from '../../../src/experiments/identity.ts';
import type { Operative } from '../../../src/registry/operative.ts';

const parameter = (text: string) => ({ value: text, text, origin: { type: 'default' as const }, overrode: [] });
const operative = (values: Record<string, Record<string, string>>): Operative => ({
	schema: 'gimlet.operative/1',
	hash: '',
	components: Object.fromEntries(
		Object.entries(values).map(([component, own]) => [
			component,
			{ kind: 'x', parameters: Object.fromEntries(Object.entries(own).map(([name, text]) => [name, parameter(text)])) },
		]),
	),
});
const base = {
	adam: { learning_rate: '0.1', beta1: '0.9' },
	train: { seed: '1', data_dir: 'None' },
	device: { threads: '2' },
};

test('the order of what is written does not matter, every value does', (t) => {
	const id = jobId(operative(base));
	t.regex(id, /^[0-9a-f]{10}$/u);
	t.is(jobId(operative({ train: { data_dir: 'None', seed: '1' }, adam: { beta1: '0.9', learning_rate: '0.1' } })), id);
	t.not(jobId(operative({ ...base, adam: { ...base.adam, learning_rate: '0.2' } })), id);
	t.not(jobId(operative({ ...base, mlp: {} })), id);
});

test('device and paths do not count', (t) => {
	const elsewhere = {
		...base,
		train: { ...base.train, data_dir: "'/data'" },
		device: { threads: '16', backend: "'gpu'" },
	};
	t.is(jobId(operative(elsewhere)), jobId(operative(base)));
});
