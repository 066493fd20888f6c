/**
 * Compiles bin/, src/ and bench/ to JavaScript under build/: `npm run build`. Programs start faster from there; scripts/launch.sh
 * takes the build as long as no source is newer than build/stamp.
 *
 * File by file and under the same names, so that a component is still one file that is loaded only when it is needed.
 * What a file reads beside itself (kernels, data, scripts) stays in the source tree.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const build = join(root, 'build');
const stamp = join(build, 'stamp');
const fresh = join(build, `stamp.${process.pid}`);

try {
	await buildAll();
} catch (error) {
	// An installation does not fail for want of speed: where nothing may be written, programs run from their sources.
	if (!process.argv.includes('--if-possible')) {
		throw error;
	}
	console.error(`gimlet: not compiled, so programs start slower (${(error as Error).message.split('\n')[0]})`);
}

async function buildAll(): Promise<void> {
	mkdirSync(build, { recursive: true });
	rmSync(stamp, { force: true });
	// A source that changes while it is compiled makes the build stale.
	writeFileSync(fresh, '');
	const files = filesOf(root, '.ts').filter((name) => !name.endsWith('.d.ts'));
	const targets = await Promise.all(files.map(compile));
	const current = new Set(targets);
	for (const old of filesOf(build, '.js').filter((name) => !current.has(name))) {
		rmSync(join(build, old));
	}
	renameSync(fresh, stamp);
	console.log(`${files.length} files compiled to ${relative(process.cwd(), build) || '.'}`);
}

function filesOf(folder: string, ending: string): string[] {
	return ['bin', 'src', 'bench']
		.filter((name) => existsSync(join(folder, name)))
		.flatMap((name) =>
			readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' }).map((inner) => join(name, inner)),
		)
		.filter((name) => name.endsWith(ending));
}

// Replaced one by one: a program that runs from the build may yet load some of them.
async function compile(file: string): Promise<string> {
	const name = file.replace(/\.ts$/u, '.js');
	const target = join(build, name);
	const { code } = await transform(readFileSync(join(root, file), 'utf8').replace(/^#!.*/u, ''), {
		loader: 'ts',
		format: 'esm',
		target: 'node20',
		sourcefile: file,
		tsconfigRaw: { compilerOptions: { experimentalDecorators: true, verbatimModuleSyntax: true } },
	});
	mkdirSync(dirname(target), { recursive: true });
	writeFileSync(`${target}.${process.pid}`, relocated(code, target, file));
	renameSync(`${target}.${process.pid}`, target);
	return name;
}

// esbuild prints specifiers in double quotes, at the end of an import or export that begins its line.
function relocated(code: string, target: string, file: string): string {
	const source = relative(dirname(target), join(root, file));
	return code
		.replaceAll(/^((?:import|export|\})[^"\n]*)"(\.[^"\n]*\.[cm]js)"/gmu, (_, before: string, name: string) => {
			return `${before}"${relative(dirname(target), join(root, dirname(file), name))}"`;
		})
		.replaceAll(/^((?:import|export|\})[^"\n]*"\.[^"\n]*)\.ts"/gmu, '$1.js"')
		.replaceAll(/\bimport\("(\.[^"\n]*)\.ts"\)/gu, 'import("$1.js")')
		.replaceAll('import.meta.url', `new URL(${JSON.stringify(source)}, import.meta.url).href`);
}
