import { visible } from '../../core/visible.ts';
import { writeFileAtomic } from '../../files/atomic.ts';
import { type GraphNode, graphOf } from '../../registry/graph.ts';
import { rootsOf } from '../catalog.ts';
import type { Io } from '../main.ts';
import { printJson, printPath } from '../output.ts';
import type { ConfigOptions } from '../training-config.ts';
import { effectiveConfig } from './effective.ts';
import { graphSvg } from './graph-svg.ts';

export interface GraphOptions extends ConfigOptions {
	readonly json?: boolean;
	readonly svg?: string;
}

/** Draws what a config builds: a tree on the terminal, JSON, or an SVG file. */
export async function drawConfig(
	files: readonly string[],
	options: GraphOptions,
	io: Pick<Io, 'stdout'>,
): Promise<void> {
	const { checked, catalog, merged } = await effectiveConfig(files, options);
	const graph = graphOf(checked.reached, checked.lookup, rootsOf(catalog, merged));
	// What builds most stands first.
	const roots = graph.roots.toSorted((a, b) => b.children.length - a.children.length);
	if (options.svg !== undefined) {
		writeFileAtomic(options.svg, graphSvg(roots));
		printPath(io, options.svg);
	}
	if (options.json) {
		printJson(io, roots);
	} else if (options.svg === undefined) {
		io.stdout.write(
			roots
				.flatMap((root) => [titleOf(root), ...below(root, '')])
				.map((line) => `${visible(line)}\n`)
				.join(''),
		);
	}
}

/** `a/mlp (model), shared as "m"` */
export function titleOf({ path, kind, shared, uncalled, again }: GraphNode): string {
	const marks = [
		...(shared === undefined ? [] : [shared === '' ? 'shared' : `shared as "${shared}"`]),
		...(uncalled ? ['built when called'] : []),
		...(again ? [shared === undefined ? 'another one, as above' : 'the one above'] : []),
	];
	return [`${path} (${kind})`, ...marks].join(', ');
}

function below({ values, children }: GraphNode, indent: string): string[] {
	const rail = children.length === 0 ? ' ' : '│';
	const lines = values.map(({ parameter, text }) => `${indent}${rail}  ${parameter} = ${text}`);
	return [
		...lines,
		...children.flatMap(({ parameter, node }, index) => {
			const isLast = index === children.length - 1;
			const title = `${indent}${isLast ? '└─' : '├─'} ${parameter}: ${titleOf(node)}`;
			return [title, ...below(node, `${indent}${isLast ? '   ' : '│  '}`)];
		}),
	];
}
