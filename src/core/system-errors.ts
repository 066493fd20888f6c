import { EnvironmentError, type GimletError, UsageError } from './errors.ts';

interface Failure {
	/** Completes "PATH: …". */
	readonly reason: string;
	/** It says what is, or is not, at a place: whoever asked may know what to do about it. */
	readonly isAboutPlace?: true;
	/** The user's words are at fault, not the machine. */
	readonly isUsage?: true;
}

/** What the system answers, in words. */
const failures: Readonly<Record<string, Failure>> = {
	ENOSPC: { reason: 'the disk is full' },
	EDQUOT: { reason: 'the quota is used up' },
	EFBIG: { reason: 'the file would be larger than this machine allows' },
	EROFS: { reason: 'the file system is read-only' },
	EACCES: { reason: 'permission denied' },
	EPERM: { reason: 'not permitted' },
	EMFILE: { reason: 'too many open files (ulimit -n)' },
	ENFILE: { reason: 'the machine has too many open files' },
	ENOMEM: { reason: 'there is not enough memory' },
	EAGAIN: { reason: 'the machine has no more to give for now (processes, threads, locked memory: ulimit -a)' },
	EIO: { reason: 'the disk reports an error' },
	ENXIO: { reason: 'there is no such device' },
	ENODEV: { reason: 'there is no such device' },
	ESTALE: { reason: 'the network disk no longer knows it' },
	EBUSY: { reason: 'it is in use' },
	ETXTBSY: { reason: 'it is a program that runs' },
	EXDEV: { reason: 'it is on another file system' },
	EMLINK: { reason: 'it has too many names' },
	ENOSYS: { reason: 'this system cannot do that' },
	ENOTSUP: { reason: 'this file system cannot do that' },
	EOPNOTSUPP: { reason: 'this file system cannot do that' },
	E2BIG: { reason: 'the arguments are too long' },
	ENOEXEC: { reason: 'it is no program for this machine' },
	ELOOP: { reason: 'its links lead round in a circle' },
	ENAMETOOLONG: { reason: 'the name is too long for this file system', isUsage: true },
	ENOENT: { reason: 'it does not exist (any more)', isAboutPlace: true },
	ENOTDIR: { reason: 'a part of the path is a file, not a folder', isAboutPlace: true },
	EISDIR: { reason: 'it is a folder', isAboutPlace: true },
	EEXIST: { reason: 'it is there already', isAboutPlace: true },
	ENOTEMPTY: { reason: 'the folder is not empty', isAboutPlace: true },
	EPIPE: { reason: 'nobody reads it any more' },
	ECONNREFUSED: { reason: 'nobody answers there' },
	ECONNRESET: { reason: 'the connection was cut' },
	EADDRINUSE: { reason: 'the address is in use' },
	ETIMEDOUT: { reason: 'no answer in time' },
	EHOSTUNREACH: { reason: 'the host cannot be reached' },
	ENETUNREACH: { reason: 'the network cannot be reached' },
	ENOTFOUND: { reason: 'no host of that name was found' },
	EAI_AGAIN: { reason: 'names of hosts cannot be looked up now' },
	ERR_FS_FILE_TOO_LARGE: { reason: 'the file is larger than 2 GiB, the most that is read at once' },
	ERR_WORKER_OUT_OF_MEMORY: { reason: 'there is not enough memory for a thread' },
	ERR_WORKER_INIT_FAILED: { reason: 'the machine does not start another thread' },
};

/** Whether an error only says what is, or is not, at a place. */
export function isAboutPlace(error: unknown): boolean {
	return failureOf(error)?.isAboutPlace === true;
}

/** The error to show for one of the system; undefined for an error that is none of the system's. */
export function asGimletError(error: unknown): GimletError | undefined {
	if (isOutOfMemory(error)) {
		const message = `There is not enough memory: ${(error as Error).message}`;
		return new EnvironmentError('system.memory', message, { cause: error });
	}
	const { code, path, syscall, address } = (error ?? {}) as NodeJS.ErrnoException & { address?: string };
	const where = syscall === 'uv_cwd' ? 'The working directory' : (path ?? address ?? syscall ?? 'The system');
	return describeFailure('system', error, (reason) => `${where}: ${reason} (${code}).`);
}

/** The same with a message of the caller's, which gets the reason in words. */
export function describeFailure(
	code: string,
	error: unknown,
	message: (reason: string) => string,
): GimletError | undefined {
	const failure = failureOf(error);
	if (failure === undefined) {
		return undefined;
	}
	const Kind = failure.isUsage ? UsageError : EnvironmentError;
	return new Kind(code, message(failure.reason), { cause: error });
}

function failureOf(error: unknown): Failure | undefined {
	const { code } = (error ?? {}) as NodeJS.ErrnoException;
	return typeof code === 'string' && Object.hasOwn(failures, code) ? failures[code] : undefined;
}

// What the allocators of JavaScript and WebAssembly say.
function isOutOfMemory(error: unknown): boolean {
	return (
		error instanceof RangeError &&
		/allocation failed|could not allocate|out of memory|invalid array buffer length/iu.test(error.message)
	);
}
