import { Writable } from 'node:stream';
import test from 'ava';
import { environment } from '../../../src/commands/env.ts';
import { run } from '../../../src/commands/main.ts';

async function printed(args: readonly string[]): Promise<string> {
	let text = '';
	const stdout = new Writable({
		write(chunk, _encoding, done) {
			text += String(chunk);
			done();
		},
	});
	await run(environment, args, { stdout, stderr: process.stderr, exitCode: 0 });
	return text;
}

test.serial('every variable with its value and where that is from', async (t) => {
	process.env['DATA_DIR'] = '/somewhere else';
	process.env['RESULTS_DIR'] = '';
	const rows = JSON.parse(await printed(['--json'])) as Array<Record<string, string | null>>;
	const row = (name: string) => rows.find((one) => one['name'] === name)!;
	t.like(row('DATA_DIR'), { value: '/somewhere else', origin: 'environment' });
	t.like(row('RESULTS_DIR'), { value: `${row('ROOT')['value']}/results`, origin: 'default' });
	t.like(row('GIMLET_MIRRORS'), { value: null, origin: 'not set' });
	t.regex(await printed([]), /^DATA_DIR +\/somewhere else +environment +where data sets are kept$/mu);
});
