/** A fingerprint of the C source beside this file. */
export function sourceHash(): string;
