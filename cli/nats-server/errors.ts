/** No NATS server of a usable version was found and none could be built. */
export class NatsServerMissing extends Error {
  readonly code = 'NATS_SERVER_MISSING';
  constructor(wanted: string, tried: readonly string[], options?: ErrorOptions) {
    super(
      [
        `no nats-server ${wanted} or newer was found:`,
        ...tried.map((line) => `- ${line}`),
        'Do one of these:',
        '1. put nats-server on PATH (https://github.com/nats-io/nats-server/releases);',
        '2. install Go (https://go.dev/dl), so that it is built once from its module;',
        '3. set SPLITLAB_CACHE to a cache folder in which it was built before.',
      ].join('\n'),
      options,
    );
    this.name = 'NatsServerMissing';
  }
}

/** The NATS server ended, or did not listen in time; `log` is the end of what it wrote. */
export class NatsServerFailed extends Error {
  readonly code = 'NATS_SERVER_FAILED';
  constructor(what: string, log: string, options?: ErrorOptions) {
    super(`nats-server ${what}${log === '' ? '' : `; its last lines:\n${log}`}`, options);
    this.name = 'NatsServerFailed';
  }
}
