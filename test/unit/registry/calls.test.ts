import test from 'ava';
import { z } from 'zod';
import { parseValue } from '../../../src/gin/parser.ts';
import { reprValue } from '../../../src/gin/repr.ts';
import { Configuration } from '../../../src/registry/configuration.ts';
import { functionKind } from '../../../src/registry/kinds.ts';
import { call } from '../../../src/registry/parameters.ts';
import { Registry } from '../../../src/registry/registry.ts';

const registry = new Registry();
const weight = z.union([z.number(), call('per', z.number())]).default(1);
const shape = z.strictObject({ weight, size: z.int().default(1), any: z.any().optional() });
registry.add({
	name: 'balance',
	kind: functionKind,
	parameters: shape,
	target: (p: object) => p,
	isClass: false,
	file: '',
});

async function problems(line: string): Promise<string[]> {
	const config = await Configuration.fromText(line, { registry });
	return config.check(['balance']).problems.map(({ text }) => text);
}

function failure(text: string): string | undefined {
	return parseValue({ name: 'x', kind: 'text', text }, { extensions: true }).problem?.message;
}

test('a call is data for the parameter that takes it, with its values checked', async (t) => {
	const line = "w = per('task', {'a': 1, 'b': 2.5})\nbalance.weight = %w\n";
	t.deepEqual(await problems(line), []);
	const config = await Configuration.fromText(line, { registry });
	t.deepEqual(config.resolve('balance'), {
		weight: { call: 'per', args: ['task', { a: 1, b: 2.5 }] },
		size: 1,
	} as never);
	t.regex(
		(await problems("balance.weight = per('task', {'a': 'x'})"))[0]!,
		/^text:1:36: balance\.weight \(value 1 of per\) expects number/u,
	);
});

test('where a call is not taken, the message says where it is', async (t) => {
	t.regex(
		(await problems("balance.size = per('task', {'a': 1})"))[0]!,
		/balance\.size does not take per\(…\): it may stand in balance\.weight/u,
	);
	t.regex(
		(await problems('balance.weight = grid([1, 2])'))[0]!,
		/does not take grid\(…\): it may stand in the text of an experiment's sweep\(\)/u,
	);
	t.regex((await problems('balance.any = [uniform(0, 1)]'))[0]!, /balance\.any\[0\] does not take uniform/u);
});

test('the list of calls is closed, and they hold plain data', (t) => {
	for (const [text, message] of [
		['grid([])', /grid is written grid\(\[value/u],
		['grid([%a])', /with plain data/u],
		['choice([grid([1])])', /with plain data/u],
		['per({1: 2})', /per is written/u],
		['uniform(1, 0)', /the lower bound first/u],
		['log_uniform(0, 1)', /bounds above 0/u],
		['zip([1], 2)', /zip is written/u],
		['normal(0, 1)', /normal is not a value/u],
		['grid', /grid is not a value/u],
	] as const) {
		t.regex(failure(text) ?? '', message, text);
	}
	for (const text of [
		"per('task', {'a': 1})",
		'grid([1, 2])',
		"zip([1, 2], 'g')",
		'choice([1])',
		'uniform(0, 1.5)',
		'log_uniform(0.1, 1)',
	]) {
		const { value } = parseValue({ name: 'x', kind: 'text', text }, { extensions: true });
		t.is(reprValue(value!, true), text);
	}
	t.truthy(parseValue({ name: 'x', kind: 'text', text: 'grid([1])' }, { extensions: false }).problem);
});
