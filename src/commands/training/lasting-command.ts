/** Options of `train` that mean one start only; the number of values that follow each. */
const oneTime: Readonly<Record<string, number>> = {
	'--force-new': 0,
	'--steal': 0,
	'--auto': 0,
	'--smoke': 0,
	'--chaos': 1,
	'--from-record': 0,
};

/**
 * The words that continue a run, from those that started it: without options that would start another one, take it from
 * its owner or break it again, and with `folder` in place of `saveTo` where the program chose the folder itself.
 */
export function lastingCommand(words: readonly string[], saveTo: string, folder: string): string[] {
	const kept: string[] = [];
	for (let at = 0; at < words.length; at++) {
		const [name = '', joined] = words[at]!.split('=', 2);
		const values = oneTime[name];
		if (values === undefined) {
			kept.push(words[at]!);
		} else if (joined === undefined) {
			at += values;
		}
	}
	const place = kept.indexOf(saveTo);
	return kept.map((word, at) => (at === place ? folder : word));
}
