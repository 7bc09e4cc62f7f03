/** This process leads no longer: it must not write any more. */
export class LeadershipLost extends Error {
  readonly code = 'LeadershipLost';
  readonly lease: string;
  constructor(lease: string, why: string) {
    super(`not the holder of lease ${lease}: ${why}`);
    this.name = 'LeadershipLost';
    this.lease = lease;
  }
}
