/**
 * Limits how long each single wait for a server may last; `giveUp` must make what is waited for reject.
 *
 * Only the waiting counts, not the time this process spends on what arrived: writing to a slow disk is no silence of
 * the server. And bytes that came while the process was busy elsewhere are taken in before a verdict is given.
 */
export class Patience {
	constructor(
		private readonly seconds: number,
		private readonly giveUp: () => void,
	) {}

	/** The value of `wait`; rejects as `giveUp` makes it where nothing comes in time. */
	async limit<T>(wait: Promise<T>): Promise<T> {
		let isOver = false;
		const timer = setTimeout(() => {
			// Timers run before input does: an overdue one says nothing about what lies in the socket.
			setImmediate(() => setImmediate(() => isOver || this.giveUp()));
		}, this.seconds * 1000);
		try {
			return await wait;
		} finally {
			isOver = true;
			clearTimeout(timer);
		}
	}
}
