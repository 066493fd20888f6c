// npm run bench -- NAME [options]: runs bench/NAME.ts.
import { existsSync } from 'node:fs';

const [name, ...rest] = process.argv.slice(2);
const file = new URL(`./${name}.ts`, import.meta.url);
if (name === undefined || !/^[a-z-]+$/.test(name) || !existsSync(file)) {
	console.error(`bench: no benchmark "${name ?? ''}"; there is: engine, gin, jobs, loop`);
	process.exit(2);
}
process.argv = [process.argv[0]!, file.pathname, ...rest];
await import(file.href);
