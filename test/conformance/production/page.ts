import { deviations } from './deviations.ts';
import type { Judged } from './judge.ts';

const begin = '<!-- begin: npm run conformance -- FILES --write -->';
const end = '<!-- end -->';

/** The page with its list of deviations made anew from what cases show. */
export function deviationPage(page: string, judged: readonly Judged[]): string {
	const [before, rest] = page.split(begin);
	const after = rest?.split(end)[1];
	if (after === undefined) {
		throw new Error(`docs/gin-deviations.md lacks "${begin}" or "${end}".`);
	}
	return `${before}${begin}\n\n${table(judged)}\n${end}${after}`;
}

/** Whether the page lists what these cases show. */
export function isUpToDate(page: string, judged: readonly Judged[]): boolean {
	const rows = page.split(begin)[1]?.split(end)[0]?.split('\n') ?? [];
	const listed = new Set(rows.flatMap((row) => row.split(' | ')[2]?.replace(/ \|$/u, '').split(', ') ?? []));
	return judged.every(({ id, verdict }) => (verdict === 'declared') === listed.has(id));
}

function table(judged: readonly Judged[]): string {
	const rows = deviations.flatMap(({ id, reason }) => {
		const cases = judged.filter(({ deviations: shown }) => shown.some((one) => one.id === id)).map((one) => one.id);
		return cases.length === 0 ? [] : [`| ${id} | ${reason} | ${cases.join(', ')} |`];
	});
	return ['| deviation | reason | recorded cases that show it |', '| --- | --- | --- |', ...rows, ''].join('\n');
}
