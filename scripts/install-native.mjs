// Compiles the kernels for this machine, as part of `npm ci`: plain calls of a C compiler, nothing downloaded. Without a
// compiler, or with a broken one, training runs on WebAssembly; that is worth one line and never an error.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { sourceHash } from '../src/engine/kernels/source-hash.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const source = path.join(root, 'src/engine/kernels');
const target = path.join(root, 'build/native');
const isWindows = process.platform === 'win32';

// For everything together, which takes about ten seconds on an idle machine; and for a compiler to say its version.
const seconds = Number(process.env.GIMLET_BUILD_SECONDS) || 60;
const deadline = Date.now() + seconds * 1000;
const answerTime = 10_000;

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

/** Programs that have not ended, each the head of a process group: what they start ends with them. */
const running = new Set();
process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(signal, () => process.exit(1));
}

const started = Date.now();
try {
	const compiler = await build();
	console.error(`gimlet: native kernels built with ${compiler} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
} catch (error) {
	console.error(`gimlet: no native kernels (${firstLine(error.message)}); training will run on WebAssembly`);
	forget(path.join(target, 'kernels.node'));
}

async function build() {
	if (isWindows) {
		throw new Error('not tried on Windows');
	}
	const require = createRequire(import.meta.url);
	const include = require('node-api-headers').include_dir;
	if (!existsSync(path.join(include, 'node_api.h'))) {
		throw new Error('node-api-headers has no node_api.h');
	}
	mkdirSync(target, { recursive: true });
	const compilers = await findCompilers();
	let problem;
	for (const { compiler, flags } of compilers) {
		const folder = mkdtempSync(path.join(target, 'build-'));
		try {
			await compileWith(compiler, flags, include, folder);
			return compiler;
		} catch (error) {
			problem ??= error;
		} finally {
			killAll();
			rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
		}
	}
	throw problem;
}

async function compileWith(compiler, own, include, folder) {
	const base = [...common, ...own];
	const sets = instructionSets[process.arch] ?? [['portable', 4, 4, []]];
	const jobs = sets.map(([name, length, rows, flags]) => {
		const object = path.join(folder, `${name}.o`);
		const defines = [`-DVL=${length}`, `-DMR=${rows}`, `-DENGINE=engine_${name}`];
		return compile(
			compiler,
			[...base, ...flags, ...defines, '-c', '-o', object, path.join(source, 'kernels.c')],
			object,
		);
	});
	const addon = path.join(folder, 'addon.o');
	const defines = [`-I${include}`, `-DSOURCE="${sourceHash()}"`];
	jobs.push(compile(compiler, [...base, ...defines, '-c', '-o', addon, path.join(source, 'addon.c')], addon));
	const objects = await Promise.all(jobs);
	const library = path.join(folder, 'kernels.node');
	const shared = process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared'];
	await compile(compiler, [...shared, '-pthread', '-o', library, ...objects], library);
	await run(process.execPath, ['-e', `require(${JSON.stringify(library)})`]);
	// A running program may have the old file mapped: a rename leaves it alone, writing into it would not.
	renameSync(library, path.join(target, 'kernels.node'));
}

async function compile(compiler, flags, output) {
	await run(compiler, flags);
	if (!existsSync(output)) {
		throw new Error(`${compiler} wrote no ${path.basename(output)}`);
	}
	return output;
}

/** $CC, else those of cc, gcc, clang that answer; one under two names counts once. */
async function findCompilers() {
	const candidates = process.env.CC ? [process.env.CC] : ['cc', 'gcc', 'clang'];
	const found = new Map();
	const problems = [];
	for (const compiler of candidates) {
		try {
			const version = await run(compiler, ['--version'], answerTime);
			// By default gcc vectorises at -O2 only loops of known length.
			const flags = version.includes('clang') ? [] : ['-fvect-cost-model=dynamic'];
			const key = version.replace(/^\S+/u, '');
			if (!found.has(key)) {
				found.set(key, { compiler, flags });
			}
		} catch (error) {
			problems.push(error.message);
		}
	}
	if (found.size === 0) {
		throw new Error(`no C compiler: ${problems.map(firstLine).join(', ')}`);
	}
	return [...found.values()];
}

/** Runs a program to its end, or kills it with all it started; what it printed. */
function run(command, parameters, limit = Number.POSITIVE_INFINITY) {
	const left = Math.min(limit, deadline - Date.now());
	if (left <= 0) {
		return Promise.reject(new Error(`not finished within ${seconds} s`));
	}
	return new Promise((resolve, reject) => {
		const child = spawn(command, parameters, { detached: !isWindows, stdio: ['ignore', 'pipe', 'pipe'] });
		let out = '';
		let problem = '';
		const end = () => {
			clearTimeout(timer);
			running.delete(child);
		};
		const timer = setTimeout(() => {
			kill(child);
			end();
			reject(new Error(`${command} did not end within ${Math.round(left / 1000)} s`));
		}, left);
		running.add(child);
		child.stdout.on('data', (text) => {
			out += text;
		});
		child.stderr.on('data', (text) => {
			problem += text;
		});
		child.on('error', (error) => {
			end();
			reject(new Error(error.code === 'ENOENT' ? `${command} not found` : error.message));
		});
		child.on('close', (code, signal) => {
			end();
			if (code === 0) {
				resolve(out);
			} else {
				reject(new Error(firstLine(problem) || `${command} ended with ${signal ?? `exit code ${code}`}`));
			}
		});
	});
}

function killAll() {
	for (const child of running) {
		kill(child);
	}
	running.clear();
}

function kill(child) {
	try {
		process.kill(-child.pid, 'SIGKILL');
	} catch {
		child.kill('SIGKILL');
	}
	child.stdout.destroy();
	child.stderr.destroy();
	child.unref();
}

function forget(file) {
	try {
		rmSync(file, { force: true });
	} catch {
		// A folder that may not be written to: the kernels in it, if any, are told by their fingerprint.
	}
}

function firstLine(text) {
	return text.trim().split('\n')[0];
}
