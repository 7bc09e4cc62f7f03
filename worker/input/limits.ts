/** How much of a source is taken; beyond it a mistake or an attack is likelier than an experiment. */
export const limits = {
  /** Images or samples of one source. */
  items: 50_000,
  /** Bytes of one image file. */
  imageBytes: 64 * 2 ** 20,
  /** Pixels of one image once decoded. */
  imagePixels: 100_000_000,
  /** Bytes of a .npy or .npz file, and of all its arrays once unpacked. */
  tensorBytes: 2 ** 30,
  labelBytes: 16 * 2 ** 20,
} as const;
