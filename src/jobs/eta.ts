/** Guesses how long a list still takes, from what finished jobs took. */
export class Eta {
	#seconds = 0;
	#count = 0;

	/** An attempt that ended well took so many seconds. */
	add(seconds: number): void {
		this.#seconds += seconds;
		this.#count++;
	}

	/**
	 * Seconds until the last job ends; undefined before the first has. `waiting`: jobs not begun; `running`: seconds
	 * that the running ones have taken so far; `slots`: how many run at a time.
	 */
	left(waiting: number, running: readonly number[], slots: number): number | undefined {
		if (this.#count === 0) {
			return waiting + running.length === 0 ? 0 : undefined;
		}
		const mean = this.#seconds / this.#count;
		const rests = running.map((seconds) => Math.max(0, mean - seconds));
		const work = rests.reduce((sum, rest) => sum + rest, waiting * mean);
		return Math.max(work / Math.max(1, slots), ...rests, waiting > 0 ? mean : 0);
	}
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function showSeconds(seconds: number): string {
	if (seconds < 9.95) {
		return `${seconds.toFixed(1)} s`;
	}
	const whole = Math.round(seconds);
	if (whole < 60) {
		return `${whole} s`;
	}
	if (whole < 3600) {
		return `${Math.floor(whole / 60)} min ${whole % 60} s`;
	}
	return whole < 86_400
		? `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
		: `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}
