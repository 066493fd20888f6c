import type { Progress } from '../data/download.ts';

/** Reports a transfer about once a second, and at its end: bytes, share and time to go. */
export function transferLine(tell: (text: string) => void): (progress: Progress) => void {
	let last = 0;
	return (progress) => {
		const now = performance.now();
		if (now - last >= 1000 || progress.received === progress.total) {
			last = now;
			tell(describe(progress));
		}
	};
}

function describe({ url, received, total, eta }: Progress): string {
	const amount =
		total === undefined
			? `${megabytes(received)} MB`
			: `${megabytes(received)} of ${megabytes(total)} MB (${Math.floor((100 * received) / total)} %)`;
	return `${url}: ${amount}${eta === undefined || received === total ? '' : `, ${Math.ceil(eta)} s to go`}`;
}

function megabytes(bytes: number): string {
	return (bytes / 1e6).toFixed(1);
}
