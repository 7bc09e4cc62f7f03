/** An informer was asked to hold credentials in memory. */
export class NotCacheable extends TypeError {
  readonly code = 'NotCacheable';
  readonly resource: string;
  constructor(resource: string) {
    super(`${resource} are credentials and never cached: read the one that is needed with client.get()`);
    this.name = 'NotCacheable';
    this.resource = resource;
  }
}

/** The server's state is older than what was seen before: its store was restored from a backup. */
export class WentBackwards extends Error {
  readonly code = 'WentBackwards';
  constructor(resource: string, version: string, last: string) {
    super(
      `watch ${resource}: resourceVersion ${version} after ${last}: the server's store was restored; listing again`,
    );
    this.name = 'WentBackwards';
  }
}

/** A watch ended at once and without an event. */
export class ShortWatch extends Error {
  readonly code = 'ShortWatch';
  constructor(resource: string) {
    super(`watch ${resource}: the server ended it at once`);
    this.name = 'ShortWatch';
  }
}
