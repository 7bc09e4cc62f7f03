/** A login of the server, with the subjects it may publish and subscribe to; without permissions everything. */
export interface NatsUser {
  readonly user: string;
  readonly password: string;
  readonly permissions?: { readonly publish: readonly string[]; readonly subscribe: readonly string[] };
}

export interface NatsConfig {
  readonly users: readonly NatsUser[];
  /** 0: chosen by the system. */
  readonly port: number;
  readonly portsFolder: string;
  readonly pidFile: string;
  readonly logFile: string;
  readonly storeFolder: string;
}

/**
 * Text of a nats-server configuration (JSON is a subset of its format). Slow links decide the limits: a tensor that
 * waits for a 10 Mbit/s link must neither count as a stalled consumer (`write_deadline`, `max_pending`) nor delay a
 * PONG into a disconnect (`ping_interval`).
 */
export function natsConfig(config: NatsConfig): string {
  return JSON.stringify(
    {
      host: '127.0.0.1',
      port: config.port === 0 ? -1 : config.port,
      ports_file_dir: config.portsFolder,
      pid_file: config.pidFile,
      log_file: config.logFile,
      jetstream: { store_dir: config.storeFolder },
      authorization: {
        users: config.users.map(({ user, password, permissions }) => ({
          user,
          password,
          ...(permissions && { permissions }),
        })),
      },
      max_payload: 8 * 1024 * 1024,
      max_pending: 1024 * 1024 * 1024,
      write_deadline: '120s',
      ping_interval: '120s',
    },
    null,
    2,
  );
}
