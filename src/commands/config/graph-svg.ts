import type { GraphNode } from '../../registry/graph.ts';
import { escapeHtml } from '../../reports/escape-html.ts';
import { titleOf } from './graph.ts';

const row = 18;
const characterWidth = 7.3;
const pad = 8;
const gap = { x: 70, y: 14 };
const longestText = 48;

interface Box {
	readonly node: GraphNode;
	readonly lines: readonly string[];
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

interface Edge {
	readonly from: Box;
	readonly to: Box;
	readonly label: string;
}

/** A tree as SVG, from left to right; a shared instance is one box, and all who ask for it lead to it. */
export function graphSvg(roots: readonly GraphNode[]): string {
	const layout = new Layout();
	for (const root of roots) {
		layout.place(root, 0);
	}
	const { boxes, edges } = layout;
	const width = Math.ceil(Math.max(0, ...boxes.map((box) => box.x + box.width))) + pad;
	const height = Math.max(0, ...boxes.map((box) => box.y + box.height)) + pad;
	const style =
		'text{font:12px ui-monospace,monospace;fill:currentColor}.t{font-weight:bold}rect{fill:none;stroke:currentColor}.s rect{stroke-width:2.5}.a rect,.u rect{stroke-dasharray:4 3}path{fill:none;stroke:currentColor;opacity:.5}.l{opacity:.7}';
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-pad} ${-pad} ${width + pad} ${height + pad}" width="${width + pad}" height="${height + pad}" role="img" aria-label="What the config builds">`,
		`<style>${style}</style>`,
		...edges.map(drawEdge),
		...boxes.map(drawBox),
		'</svg>',
		'',
	].join('\n');
}

class Layout {
	readonly boxes: Box[] = [];
	readonly edges: Edge[] = [];
	readonly #shared = new Map<string, Box>();
	#bottom = 0;

	place(node: GraphNode, x: number): Box {
		const known = node.shared === undefined ? undefined : this.#shared.get(node.shared);
		if (known !== undefined) {
			return known;
		}
		const lines = [titleOf(node), ...node.values.map(({ parameter, text }) => `${parameter} = ${text}`)].map(shortened);
		const width = Math.max(...lines.map((line) => line.length)) * characterWidth + 2 * pad;
		const box = { node, lines, x, y: this.#bottom, width, height: lines.length * row + pad };
		this.boxes.push(box);
		if (node.shared !== undefined) {
			this.#shared.set(node.shared, box);
		}
		const labels = node.children.map(({ parameter }) => parameter.length * characterWidth);
		const next = x + width + gap.x + Math.max(0, ...labels);
		for (const { parameter, node: child } of node.children) {
			this.edges.push({ from: box, to: this.place(child, next), label: parameter });
		}
		this.#bottom = Math.max(this.#bottom, box.y + box.height + gap.y);
		return box;
	}
}

function drawBox({ node, lines, x, y, width, height }: Box): string {
	const marks = [node.shared === undefined ? '' : 's', node.again ? 'a' : '', node.uncalled ? 'u' : '']
		.join(' ')
		.trim();
	const texts = lines.map(
		(line, index) =>
			`<text${index === 0 ? ' class="t"' : ''} x="${x + pad}" y="${y + row * (index + 1) - 3}">${escapeHtml(line)}</text>`,
	);
	return `<g class="${marks}"><rect x="${x}" y="${y}" width="${round(width)}" height="${height}" rx="4"/>${texts.join('')}</g>`;
}

function drawEdge({ from, to, label }: Edge): string {
	const [x1, y1] = [from.x + from.width, from.y + row / 2 + pad / 2];
	const [x2, y2] = [to.x, to.y + row / 2 + pad / 2];
	const bend = Math.max(20, gap.x / 2);
	const line = `<path d="M${round(x1)} ${y1}C${round(x1 + bend)} ${y1} ${round(x1 + bend)} ${y2} ${round(x1 + gap.x / 2)} ${y2}L${round(x2)} ${y2}"/>`;
	return `${line}<text class="l" x="${round(x2 - 6)}" y="${y2 - 4}" text-anchor="end">${escapeHtml(label)}</text>`;
}

function shortened(text: string): string {
	return text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text;
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
