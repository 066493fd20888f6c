import test from 'ava';
import { z } from 'zod';
import { graphSvg } from '../../../src/commands/config/graph-svg.ts';
import { Configuration } from '../../../src/registry/configuration.ts';
import { type GraphNode, graphOf } from '../../../src/registry/graph.ts';
import { functionKind } from '../../../src/registry/kinds.ts';
import { component } from '../../../src/registry/parameters.ts';
import { Registry } from '../../../src/registry/registry.ts';

/** What a component of these tests is when it has been built. */
class Built {
	constructor(
		readonly name: string,
		readonly parts: Readonly<Record<string, unknown>>,
	) {}
}

const registry = new Registry();
for (const name of ['root', 'left', 'right', 'leaf']) {
	const any = component(functionKind).nullable().default(null);
	const parts = { a: any, b: any, list: z.array(component(functionKind)).default([]), size: z.int().default(1) };
	registry.add({
		name,
		kind: functionKind,
		parameters: z.strictObject(parts),
		target: (given: Record<string, unknown>) => new Built(name, given),
		isClass: false,
		file: '',
	});
}

async function both(text: string): Promise<{ graph: readonly GraphNode[]; config: Configuration }> {
	const config = await Configuration.fromText(text, { registry });
	const { reached, lookup, problems } = config.check(['root']);
	config.resolve('root');
	return {
		graph: graphOf(reached, lookup, ['root']).roots,
		config: problems.length === 0 ? config : (undefined as never),
	};
}

// The tree that was built, drawn as the graph is: shared instances in full the first time.
function drawn(built: Built, config: Configuration, seen: Set<unknown>, paths: Set<string>): unknown {
	const { scope } = config.container.builtAs(built);
	const path = scope === '' ? built.name : `${scope}/${built.name}`;
	const isAgain = seen.has(built) || paths.has(path);
	seen.add(built);
	paths.add(path);
	const parts = isAgain ? [] : Object.entries(built.parts);
	const children = parts.flatMap(([key, part]) =>
		part instanceof Built
			? [[key, drawn(part, config, seen, paths)]]
			: Array.isArray(part)
				? part.map((item, index) => [`${key}[${index}]`, drawn(item as Built, config, seen, paths)])
				: [],
	);
	return { path, children };
}

function plain(node: GraphNode): unknown {
	return { path: node.path, children: node.children.map(({ parameter, node: child }) => [parameter, plain(child)]) };
}

const scoped = [
	'root.a = @x/left()',
	'root.b = @y/left()',
	'root.list = [@leaf(), @m/right(), %third]',
	'third = @s/gin.singleton()',
	's/gin.singleton.constructor = @right',
	'x/left.a = @leaf()',
	'x/left.size = 2',
	'y/left.a = @s/gin.singleton()',
	'y/left.b = @deep/leaf()',
	's/right.a = @leaf()',
	'm/right.list = [@leaf(), @leaf()]',
].join('\n');

test('the graph is the tree that is built, with scopes and shared instances', async (t) => {
	const { graph, config } = await both(scoped);
	const root = config.resolve<Built>('root');
	t.deepEqual(plain(graph[0]!), drawn(root, config, new Set(), new Set()));
	const [left] = graph[0]!.children;
	t.deepEqual(left?.node.values, [{ parameter: 'size', text: '2' }]);
	const shared = graph[0]!.children.find(({ parameter }) => parameter === 'list[2]')?.node;
	t.like(shared, { path: 's/right', shared: 's', again: true });
});

test('the SVG has a box for each component and one for a shared instance', async (t) => {
	const { graph } = await both(scoped);
	const svg = graphSvg(graph);
	const boxes = [...svg.matchAll(/class="t"[^>]*>([^<]*)</gu)].map(([, title]) => title);
	t.is(boxes.filter((title) => title!.startsWith('s/right')).length, 1);
	t.true(boxes.some((title) => title === 'deep/leaf (function)'));
	t.is([...svg.matchAll(/<path /gu)].length, boxes.length);
});

test('macros in macros are built and drawn in no time', async (t) => {
	const macros = Array.from({ length: 40 }, (_, n) => `m${n + 1} = [%m${n}, %m${n}]`).join('\n');
	const nested = new Registry();
	const parameters = z.strictObject({ value: z.any() });
	nested.add({
		name: 'root',
		kind: functionKind,
		parameters,
		target: (given: object) => given,
		isClass: false,
		file: '',
	});
	const config = await Configuration.fromText(`root.value = %m40\nm0 = 7\n${macros}\n`, { registry: nested });
	const { reached, lookup } = config.check(['root']);
	t.deepEqual(graphOf(reached, lookup, ['root']).roots[0]?.values, [{ parameter: 'value', text: '%m40' }]);
	let { value } = config.resolve<{ value: unknown }>('root');
	for (let depth = 0; depth < 40; depth++) {
		value = (value as unknown[])[1];
	}
	t.is(value, 7);
});
