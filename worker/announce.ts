import { randomUUID } from 'node:crypto';
import type { Announcement } from '../api/messages/worker.ts';
import type { Side } from '../api/subjects.ts';
import { toolVersion } from '../api/version.ts';

import { describeMachine } from './measure/machine.ts';
import type { PreparedConfig } from './prepared.ts';

/** What this worker says of itself when it is ready. */
export async function announce(config: PreparedConfig, side: Side): Promise<Announcement> {
  const worker = config.manifest.spec[side];
  const { runtime, bootId, memoryTotalBytes, ...machine } = await describeMachine(worker.executionProvider);
  return {
    side,
    lane: config.lane,
    podAttempt: config.podAttempt,
    instance: randomUUID(),
    toolVersion,
    modelDigest: config.model.digest,
    bootId,
    runtime,
    machine: { ...machine, pod: process.env.POD_NAME ?? null, podAttempt: config.podAttempt, threads: worker.threads },
    memoryTotalBytes,
  };
}
