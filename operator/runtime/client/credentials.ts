/** What an undici connector needs to open TLS to the server. */
export interface TlsMaterial {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface Credentials {
  /** Authorization and impersonation; never logged. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

/** Where the API server is and how to prove who asks. */
export interface ConnectionConfig {
  readonly server: URL;
  readonly proxy: URL | null;
  /** The namespace to work in where none is named. */
  readonly namespace: string;
  /** Reads the credentials as they are now; `fresh` asks for ones that were not handed out before, after a 401. */
  credentials(fresh: boolean): Promise<Credentials>;
}
