// Compiles the kernels for this machine, as part of `npm ci`: plain calls of a C compiler, nothing downloaded. Without a
// compiler, or with a broken one, training runs on WebAssembly; that is worth one line and never an error.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sourceHash } from '../src/engine/kernels/source-hash.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../', import.meta.url));
const source = path.join(root, 'src/engine/kernels');
const target = path.join(root, 'build/native');
// For one compiler call; all of them together take about ten seconds on an idle machine.
const timeLimit = 120_000;

// -O3 costs gcc four times the time for nothing here.
const common = [
	'-std=gnu11',
	'-O2',
	'-ftree-vectorize',
	'-fPIC',
	'-fno-math-errno',
	'-fno-trapping-math',
	'-ffp-contract=fast',
	'-w',
];

/** The builds of one program: name, vector length in floats, rows of a register tile, compiler flags. */
const instructionSets = {
	x64: [
		['sse', 4, 6, []],
		['avx2', 8, 6, ['-mavx2', '-mfma']],
		['avx512', 16, 8, ['-mavx512f', '-mavx512vl', '-mavx512dq', '-mfma', '-mprefer-vector-width=512']],
	],
	arm64: [['neon', 4, 8, []]],
};

const started = Date.now();
try {
	const compiler = await build();
	console.error(`gimlet: native kernels built with ${compiler} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
} catch (error) {
	const reason = String(error.stderr || error.message)
		.trim()
		.split('\n')[0];
	console.error(`gimlet: no native kernels (${reason}); training will run on WebAssembly`);
	rmSync(path.join(target, 'kernels.node'), { force: true });
}

async function build() {
	if (process.platform === 'win32') {
		throw new Error('not tried on Windows');
	}
	const require = createRequire(import.meta.url);
	const include = require('node-api-headers').include_dir;
	if (!existsSync(path.join(include, 'node_api.h'))) {
		throw new Error('node-api-headers has no node_api.h');
	}
	mkdirSync(target, { recursive: true });
	const folder = mkdtempSync(path.join(target, 'build-'));
	try {
		const { compiler, flags } = await findCompiler();
		await compileWith(compiler, flags, include, folder);
		return compiler;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

async function compileWith(compiler, own, include, folder) {
	const base = [...common, ...own];
	const sets = instructionSets[process.arch] ?? [['portable', 4, 4, []]];
	const jobs = sets.map(([name, length, rows, flags]) => {
		const object = path.join(folder, `${name}.o`);
		const defines = [`-DVL=${length}`, `-DMR=${rows}`, `-DENGINE=engine_${name}`];
		return compile(
			compiler,
			[...common, ...flags, ...defines, '-c', '-o', object, path.join(source, 'kernels.c')],
			object,
		);
	});
	const addon = path.join(folder, 'addon.o');
	jobs.push(
		compile(
			compiler,
			[...base, `-I${include}`, `-DSOURCE="${sourceHash()}"`, '-c', '-o', addon, path.join(source, 'addon.c')],
			addon,
		),
	);
	const objects = await Promise.all(jobs);
	const library = path.join(folder, 'kernels.node');
	const shared = process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared'];
	await compile(compiler, [...shared, '-pthread', '-o', library, ...objects], library);
	await run(process.execPath, ['-e', `require(${JSON.stringify(library)})`], { timeout: timeLimit });
	// A running program may have the old file mapped: a rename leaves it alone, writing into it would not.
	renameSync(library, path.join(target, 'kernels.node'));
}

async function compile(compiler, flags, output) {
	await run(compiler, flags, { timeout: timeLimit });
	return output;
}

/** $CC, else the first of cc, gcc, clang that answers. */
async function findCompiler() {
	const candidates = process.env.CC ? [process.env.CC] : ['cc', 'gcc', 'clang'];
	for (const candidate of candidates) {
		try {
			const { stdout } = await run(candidate, ['--version'], { timeout: timeLimit });
			// By default gcc vectorises at -O2 only loops of known length.
			const flags = stdout.includes('clang') ? [] : ['-fvect-cost-model=dynamic'];
			return { compiler: candidate, flags };
		} catch {
			// The next one, then.
		}
	}
	throw new Error(`no C compiler: ${candidates.join(', ')} not found`);
}
