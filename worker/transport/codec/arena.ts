const usualSlabBytes = 4 * 1024 * 1024;
const alignment = 64;

/**
 * Memory that is handed out piece by piece and taken back all at once, so that a tensor of every repetition is encoded
 * into the same pages: touching fresh ones costs more than encoding (`bench/codecs.ts`). The memory is shared, so that
 * a session in another thread reads tensors where they were received.
 */
export class Arena {
  #slabs: SharedArrayBuffer[] = [];
  #slab = 0;
  #used = 0;
  readonly #slabBytes: number;

  /** `slabBytes`: what is asked of the system at least; 0 for memory that is taken once. */
  constructor(slabBytes = usualSlabBytes) {
    this.#slabBytes = slabBytes;
  }

  /** `bytes` bytes, aligned for any element type, with unspecified content; valid until {@link reset}. */
  take(bytes: number): Uint8Array {
    for (; this.#slab < this.#slabs.length; this.#slab++, this.#used = 0) {
      const slab = this.#slabs[this.#slab];
      if (slab !== undefined && this.#used + bytes <= slab.byteLength) return this.#cut(slab, bytes);
    }
    const slab = new SharedArrayBuffer(Math.max(this.#slabBytes, bytes));
    this.#slabs.push(slab);
    return this.#cut(slab, bytes);
  }

  /** Takes everything back. Slabs that were not needed since the last time are let go. */
  reset(): void {
    this.#slabs.length = Math.min(this.#slabs.length, this.#slab + 1);
    this.#slab = 0;
    this.#used = 0;
  }

  /** Bytes that it holds on to. */
  get heldBytes(): number {
    return this.#slabs.reduce((sum, slab) => sum + slab.byteLength, 0);
  }

  #cut(slab: SharedArrayBuffer, bytes: number): Uint8Array {
    const view = new Uint8Array(slab, this.#used, bytes);
    this.#used = Math.ceil((this.#used + bytes) / alignment) * alignment;
    return view;
  }
}
