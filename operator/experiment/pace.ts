/** Least time between two status writes that only show progress, in ms. */
export const statusIntervalMs = 10_000;
