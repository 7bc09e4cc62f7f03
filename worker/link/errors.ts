/** The link emulator's configuration file cannot be used. */
export class LinkConfigInvalid extends Error {
  readonly code = 'LinkConfigInvalid';
  constructor(path: string, reason: string) {
    super(
      `link configuration ${path}: ${reason}. Expected a JSON file with scope {cluster, namespace, uid}, lane, ` +
        'control {url, user, password}, listen {host, port} and upstream {host, port}',
    );
    this.name = 'LinkConfigInvalid';
  }
}

/** A request to the link emulator is not what the contract says. */
export class LinkRequestInvalid extends Error {
  readonly code = 'LinkRequestInvalid';
  constructor(request: string, reason: string) {
    super(`request link.${request}: ${reason}. See api/messages/link.ts for what is accepted`);
    this.name = 'LinkRequestInvalid';
  }
}
