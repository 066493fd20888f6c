import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';

/** Where browsers keep SwiftShader, a Vulkan driver that computes on the CPU, and a loader beside it. */
const softwareFolders = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/usr/lib64/chromium-browser'];

const loaderName = 'libvulkan.so.1';
// RTLD_NODELETE: what was loaded stays when the attempt to use it as an addon has failed.
const keepLoaded = 0x1000;

/** Whether the system's linker finds a Vulkan loader; elsewhere than on Linux the question does not arise. */
export function hasLoader(): boolean {
	return process.platform !== 'linux' || load(loaderName);
}

/** A software driver and the loader beside it, if this machine has one. */
export function softwareDriver(): { readonly file: string; readonly loader: string } | undefined {
	for (const folder of softwareFolders) {
		const file = path.join(folder, 'vk_swiftshader_icd.json');
		if (existsSync(file)) {
			return { file, loader: path.join(folder, loaderName) };
		}
	}
	return undefined;
}

/** Loads the loader from `file` unless the system has its own, so that asking for it by name finds it. */
export function preloadLoader(file: string): void {
	if (!hasLoader() && existsSync(file)) {
		load(file);
	}
}

function load(file: string): boolean {
	try {
		process.dlopen({ exports: {} }, file, constants.dlopen.RTLD_NOW | keepLoaded);
		return true;
	} catch (error) {
		// Any shared library but an addon is loaded first and refused afterwards.
		return /self-register/u.test((error as Error).message);
	}
}
