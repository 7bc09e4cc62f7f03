/** A request to the link emulator is not what the contract says. */
export class LinkRequestInvalid extends Error {
  readonly code = 'LinkRequestInvalid';
  constructor(request: string, reason: string) {
    super(`request link.${request}: ${reason}. See api/messages/link.ts for what is accepted`);
    this.name = 'LinkRequestInvalid';
  }
}
