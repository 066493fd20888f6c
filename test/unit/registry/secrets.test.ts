import test from 'ava';
import { z } from 'zod';
import type { Source } from '../../../src/gin/ast.ts';
import { check } from '../../../src/registry/check.ts';
import { completeConfig } from '../../../src/registry/complete-config.ts';
import { catalogOf } from '../../../src/registry/describe.ts';
import { diffConfigs } from '../../../src/registry/difference.ts';
import { maskedSource } from '../../../src/registry/masked-source.ts';
import { operativeOf } from '../../../src/registry/operative.ts';
import { Secrets } from '../../../src/registry/secrets.ts';
import { assemble } from '../../fixtures/assemble.ts';
import { declareIn, Tool, toolKind, zoo } from './zoo.ts';

const registry = zoo();
declareIn(
	registry,
	toolKind,
	'tracker',
	z.object({
		api_token: z.string().nullable().default(null),
		key: z.enum(['up', 'down']).default('up'),
		max_tokens: z.int().default(5),
		password: z.union([z.int(), z.string()]).default(0),
		title: z.string().default(''),
		headers: z.record(z.string(), z.string()).default({}),
		hosts: z.array(z.string()).default([]),
		secret: z.string().default('by default'),
	}),
	Tool,
);
const known = catalogOf(registry);

const environment: Record<string, string> = { TRACKER_TOKEN: 'hunter2', PLACE: 'here' };

function made(text: string, bindings: readonly string[] = [], env: Readonly<Record<string, string>> = environment) {
	const sources: Source[] = [
		{ name: 'a.gin', kind: 'file', text: `fit.net = 'cnn'\nfit.tool = 'tracker'\n${text}` },
		...bindings.map((one, at): Source => ({ name: `-b ${at + 1}`, kind: 'bindings', text: one })),
	];
	const surroundings = { read: () => undefined, env: (name: string) => env[name], searchPath: [], uses: new Map() };
	const merged = assemble(sources, surroundings, known);
	const { problems, reached, lookup } = check(merged, known, ['fit'], { allowUnused: true });
	const secrets = new Secrets(reached.nodes, lookup);
	return {
		problems: problems.map((problem) => problem.text),
		operative: operativeOf(reached.nodes, lookup),
		complete: completeConfig(reached, lookup),
		copies: sources.map((source) => maskedSource(source, lookup, secrets).text),
		withheld: secrets.withheld,
		lookup,
	};
}

test('no record holds a secret, wherever it was written and whatever overrides it (security R4)', (t) => {
	const hidden = ['hunter2', 'swordfish', 'xyzzy', 'plugh', 'tiger'];
	for (const [text, ...bindings] of [
		["tracker.api_token = 'swordfish'\n"],
		["tracker.api_token = 'swordfish'\n", "tracker.api_token = 'xyzzy'"],
		["tracker.api_token = 'sword' 'fish'\n"],
		["tracker:\n  password = 'swordfish'\n"],
		["mine = 'swordfish'\ntracker.api_token = %mine\ntracker.title = %mine\n"],
		["a/key = 'xyzzy'\ntracker.title = %a/key\n"],
		["inner = 'plugh'\nouter = %inner\ntracker.api_token = %outer\n"],
		["tracker.headers = {'Authorization Token': 'tiger', 'agent': 'me'}\n"],
		["my_secret = ['tiger', 'xyzzy']\ntracker.hosts = %my_secret\n"],
		["tracker.api_token = env('TRACKER_TOKEN')\n"],
		["tracker.api_token = env('NO_SUCH', 'plugh')\n"],
		["tracker.title = env('TRACKER_TOKEN')\n"],
		['', "tracker.api_token = 'tiger'#fit.n_epochs = 3"],
		["scope/tracker.api_token = 'swordfish'\nnobody.token = 'plugh'\n"],
	] as const) {
		const { operative, complete, copies, withheld } = made(text, bindings);
		const records = [JSON.stringify(operative), complete, ...copies].join('\n');
		t.deepEqual(
			hidden.filter((secret) => records.includes(secret)),
			[],
			`${text}${bindings}\n${records}`,
		);
		t.is(withheld.length > 0, !text.startsWith('scope'), text);
	}
});

test('numbers, choices, defaults and other words are recorded as they are (security R4)', (t) => {
	const text = `key = 'down'
tracker.key = %key
tracker.max_tokens = 7
tracker.password = 12345
tracker.title = 'keyboard'
secret_size = 64
cnn.filters = [%secret_size]
`;
	const { operative, complete, copies, withheld } = made(text);
	t.deepEqual(withheld, []);
	t.true(copies[0]!.endsWith(text));
	const { parameters } = operative.components['tracker']!;
	const values = Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value]));
	t.like(values, { key: 'down', max_tokens: 7, password: 12345, title: 'keyboard', secret: 'by default' });
	t.regex(complete, /^key = 'down'$/mu);
	t.regex(complete, /^secret_size = 64$/mu);
});

test('the recorded config repeats what env() gives, and asks for what it lacks (security R5)', (t) => {
	const text =
		"tracker.api_token = env('TRACKER_TOKEN')\ntracker.title = env('PLACE', '')\ntracker.hosts = ['a', 'b']\n";
	const first = made(text);
	t.deepEqual(first.withheld, [{ path: 'tracker.api_token', variables: ['TRACKER_TOKEN'], isLost: false }]);
	t.regex(first.complete, /^tracker\.api_token = env\('TRACKER_TOKEN'\)$/mu);
	t.regex(first.complete, /^tracker\.title = 'here'$/mu);
	const again = made(first.complete);
	t.deepEqual(again.problems, []);
	t.is(again.complete, first.complete);
	t.is(first.operative.components['tracker']!.parameters['api_token']!.written, "env('TRACKER_TOKEN')");
	t.regex(made(first.complete, [], {}).problems.join(), /TRACKER_TOKEN is not set/u);
	const typed = made('', ["tracker.api_token = 'swordfish'"]);
	t.like(typed.withheld[0], { path: 'tracker.api_token', isLost: true });
	for (const recorded of [typed.complete, typed.copies[1]!]) {
		t.regex(made(recorded).problems.join(), /tracker\.api_token has no value/u);
		t.deepEqual(made(`${recorded}\ntracker.api_token = 'swordfish'\n`).problems, []);
	}
	t.regex(made('tok_key = %gin.REQUIRED\ntracker.api_token = %tok_key\n').problems.join(), /REQUIRED/u);
});

test('another secret is no other config; a number beside it is', (t) => {
	const [a, b] = ['swordfish', 'xyzzy'].map((secret) => made(`tracker.api_token = '${secret}'\n`).operative);
	t.is(a!.hash, b!.hash);
	t.deepEqual(diffConfigs(a!, b!), []);
	const { api_token: token } = a!.components['tracker']!.parameters;
	const old = structuredClone(a!) as unknown as { components: Record<string, { parameters: Record<string, object> }> };
	old.components['tracker']!.parameters['api_token'] = { ...token, text: "'swordfish'", masked: undefined };
	t.deepEqual(diffConfigs(old as unknown as typeof b & object, b!), [], 'a run recorded before secrets were masked');
});
