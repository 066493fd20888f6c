/**
 * Compiles bin/, src/ and bench/ to JavaScript under build/: `npm run build`. Programs start faster from there; scripts/launch.sh
 * takes the build as long as no source is newer than build/stamp.
 *
 * File by file and under the same names, so that a component is still one file that is loaded only when it is needed. The
 * language, of which every program needs nearly all, is one file: finding and linking a file takes most of a millisecond.
 * What a file reads beside itself (kernels, data, scripts) stays in the source tree.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle, type Plugin, transform } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const build = join(root, 'build');
/** The config language: it is needed as a whole. */
const language = 'src/gin';
const languageFile = `${language}/all.js`;
const stamp = join(build, 'stamp');
const fresh = join(build, `stamp.${process.pid}`);

// What the language uses of other folders stays a file of its own.
const outside: Plugin = {
	name: 'outside',
	setup({ onResolve }) {
		onResolve({ filter: /./ }, ({ path, resolveDir, kind }) => {
			const within = relative(join(root, language), join(resolveDir, path));
			if (kind === 'entry-point' || (path.startsWith('.') && !within.startsWith('..'))) {
				return undefined;
			}
			return { path: path.startsWith('.') ? within.replace(/\.ts$/u, '.js') : path, external: true };
		});
	},
};

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
	const joined = files.filter((name) => name.startsWith(`${language}/`));
	const single = files.filter((name) => !joined.includes(name));
	const targets = await Promise.all([joinAll(joined), ...single.map((name) => compile(name, joined))]);
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

// A namespace for each file, so that two of them may export one name.
async function joinAll(files: readonly string[]): Promise<string> {
	const contents = files.map((file, at) => `export * as ${namespaceOf(at)} from './${relative(language, file)}';`);
	const { outputFiles } = await bundle({
		stdin: { contents: contents.join('\n'), resolveDir: join(root, language), loader: 'ts' },
		bundle: true,
		format: 'esm',
		target: 'node20',
		write: false,
		minifyWhitespace: true,
		plugins: [outside],
	});
	return write(languageFile, outputFiles[0]!.text);
}

function namespaceOf(at: number): string {
	return `gin${at}`;
}

// Replaced one by one: a program that runs from the build may yet load some of them.
async function compile(file: string, joined: readonly string[]): Promise<string> {
	const name = file.replace(/\.ts$/u, '.js');
	const target = join(build, name);
	const { code } = await transform(readFileSync(join(root, file), 'utf8').replace(/^#!.*/u, ''), {
		loader: 'ts',
		format: 'esm',
		target: 'node20',
		sourcefile: file,
		tsconfigRaw: { compilerOptions: { experimentalDecorators: true, verbatimModuleSyntax: true } },
	});
	return write(name, relocated(linked(code, file, joined), target, file));
}

function write(name: string, text: string): string {
	const target = join(build, name);
	mkdirSync(dirname(target), { recursive: true });
	writeFileSync(`${target}.${process.pid}`, text);
	renameSync(`${target}.${process.pid}`, target);
	return name;
}

// Imports of the language's files lead to the one that holds them all.
function linked(code: string, file: string, joined: readonly string[]): string {
	const whole = relative(dirname(file), languageFile);
	const found = (specifier: string) => joined.indexOf(join(dirname(file), specifier));
	const text = code
		.replaceAll(/^import \{([^}]*)\} from "(\.[^"\n]*)";/gmu, (line, names: string, specifier: string) => {
			const at = found(specifier);
			const own = `${namespaceOf(at)}_`;
			return at === -1
				? line
				: `import { ${namespaceOf(at)} as ${own} } from "${whole}";const {${names.replaceAll(' as ', ': ')}} = ${own};`;
		})
		.replaceAll(/\bimport\("(\.[^"\n]*)"\)/gu, (call, specifier: string) => {
			const at = found(specifier);
			return at === -1 ? call : `import("${whole}").then((all) => all.${namespaceOf(at)})`;
		});
	if (/\bfrom "(?:\.[^"\n]*\/)?gin\/[^"\n]*\.ts"/u.test(text)) {
		throw new Error(`${file} imports the language in a way that the build does not know`);
	}
	return text;
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
