import { natsLimits } from '../../api/nats-limits.ts';

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
  /** Further settings; they win over those here, and `undefined` leaves one out. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Text of a nats-server configuration (JSON is a subset of its format). */
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
      ...natsLimits,
      ...config.settings,
    },
    null,
    2,
  );
}
