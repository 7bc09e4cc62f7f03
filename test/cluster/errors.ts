/** A process of a test cluster ended or did not get ready; `log` is the end of what it wrote. */
export class ClusterProcessFailed extends Error {
  readonly code = 'CLUSTER_PROCESS_FAILED';
  constructor(what: string, log: string, options?: ErrorOptions) {
    super(`${what}${log === '' ? '' : `; its last lines:\n${log}`}`, options);
    this.name = 'ClusterProcessFailed';
  }
}

/** A command for a test cluster ended with another status than 0. */
export class CommandFailed extends Error {
  readonly code = 'COMMAND_FAILED';
  readonly stderr: string;
  constructor(command: readonly string[], status: number | string, stderr: string) {
    super(`${command.join(' ')}: ${status}: ${stderr.trim()}`);
    this.name = 'CommandFailed';
    this.stderr = stderr;
  }
}
