const newline = 0x0a;

/**
 * Cuts a stream of bytes into lines. Bytes of a line that is not complete are kept as they came and joined once, so
 * that a line of many chunks is not copied again and again, and a character cut in two is read whole.
 */
export class LineSplitter {
  readonly #pending: Buffer[] = [];

  /** The lines that this chunk completes, without their newline; empty lines are left out. */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const line = this.#join(chunk.subarray(start, end));
      if (line) lines.push(line);
      start = end + 1;
    }
    if (start < chunk.length) this.#pending.push(chunk.subarray(start));
    return lines;
  }

  /** Whether the stream stands within a line. */
  get incomplete(): boolean {
    return this.#pending.length > 0;
  }

  #join(last: Buffer): string {
    if (this.#pending.length === 0) return last.toString('utf8');
    this.#pending.push(last);
    return Buffer.concat(this.#pending.splice(0)).toString('utf8');
  }
}
