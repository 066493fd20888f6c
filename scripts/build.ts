/**
 * Compiles bin/ and src/ to JavaScript under build/: `npm run build`. Programs start faster from there; scripts/launch.sh
 * takes the build as long as no source is newer than build/stamp.
 *
 * File by file and under the same names, so that a component is still one file that is loaded only when it is needed.
 * What a file reads beside itself (kernels, data, scripts) stays in the source tree.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const build = join(root, 'build');
const stamp = join(build, 'stamp');
const fresh = join(build, `stamp.${process.pid}`);

mkdirSync(build, { recursive: true });
rmSync(stamp, { force: true });
// A source that changes while it is compiled makes the build stale.
writeFileSync(fresh, '');
const files = ['bin', 'src'].flatMap((folder) =>
	readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
		.map((name) => join(folder, name)),
);
for (const folder of ['bin', 'src']) {
	rmSync(join(build, folder), { recursive: true, force: true });
}
await Promise.all(files.map(compile));
renameSync(fresh, stamp);
console.log(`${files.length} files compiled to ${relative(process.cwd(), build) || '.'}`);

async function compile(file: string): Promise<void> {
	const target = join(build, file.replace(/\.ts$/u, '.js'));
	const { code } = await transform(readFileSync(join(root, file), 'utf8').replace(/^#!.*/u, ''), {
		loader: 'ts',
		format: 'esm',
		target: 'node20',
		sourcefile: file,
		tsconfigRaw: { compilerOptions: { experimentalDecorators: true, verbatimModuleSyntax: true } },
	});
	mkdirSync(dirname(target), { recursive: true });
	writeFileSync(target, relocated(code, target, file));
}

// esbuild prints specifiers in double quotes, at the end of an import or export that begins its line.
function relocated(code: string, target: string, file: string): string {
	const source = relative(dirname(target), join(root, file));
	return code
		.replaceAll(/^((?:import|export|\})[^"\n]*"\.[^"\n]*)\.ts"/gmu, '$1.js"')
		.replaceAll(/\bimport\("(\.[^"\n]*)\.ts"\)/gu, 'import("$1.js")')
		.replaceAll('import.meta.url', `new URL(${JSON.stringify(source)}, import.meta.url).href`);
}
