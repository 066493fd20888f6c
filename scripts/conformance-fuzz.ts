/**
 * `npm run conformance:fuzz -- [VALUES] [SEED]`: random configs through the host of the recorded cases and through production,
 * in mixed spellings, until so many values have been compared. The exit code is 1 where any differ.
 */
import { fuzz } from '../test/conformance/fuzz/differ.ts';

const [values = '30000', seed = '1'] = process.argv.slice(2);
const found = await fuzz(Number(values), Number(seed));
for (const { pair, differences } of found.different) {
	console.log(`${pair.production.id}: ${differences.map(({ part, text }) => `${part}: ${text}`).join('; ')}`);
	console.log([...(pair.production.config ?? []), ...(pair.production.bindings ?? [])].join('# next source\n'));
}
console.log(`${found.values} values of ${found.configs} configs compared, ${found.different.length} configs differ`);
process.exitCode = found.different.length === 0 ? 0 : 1;
