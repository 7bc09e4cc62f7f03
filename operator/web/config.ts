/** How much the results API takes on at once. */
export interface Limits {
  /** Connections; more are refused. */
  readonly connections: number;
  /** Followers, and the part of them that one caller may be. */
  readonly followers: { readonly total: number; readonly perCaller: number };
  /** Downloads and summaries, and the part of them that one caller may hold. */
  readonly downloads: { readonly total: number; readonly perCaller: number };
  /** A connection on which nothing could be sent or received for so long is closed. */
  readonly idleMs: number;
}

export const defaultLimits: Limits = {
  connections: 512,
  followers: { total: 128, perCaller: 16 },
  downloads: { total: 16, perCaller: 4 },
  idleMs: 60_000,
};

export interface ResultsApiConfig {
  /** 0: chosen by the system. */
  readonly port: number;
  /** Address to listen on; default: every one. */
  readonly host?: string;
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
}
