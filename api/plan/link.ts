/** One direction of a requested link; `bitsPerSecond` at the IP layer. */
export interface RequestedDirection {
  readonly bitsPerSecond: number;
  readonly delayMs: number;
  readonly queueBytes?: number;
}

/** A link of the manifest with its quantities as numbers; `profile` is null for the network as it is. */
export interface RequestedLink {
  readonly name: string;
  readonly type: 'None' | 'Profile';
  readonly profile: {
    readonly transport: 'Fluid' | 'Tcp';
    readonly uplink: RequestedDirection;
    readonly downlink: RequestedDirection;
  } | null;
}
