/**
 * Settings of every NATS server that carries tensors. Slow links decide them: a tensor that waits for a 10 Mbit/s link
 * must neither count as a stalled consumer (`write_deadline`, `max_pending`) nor delay a PONG into a disconnect
 * (`ping_interval`).
 */
export const natsLimits = {
  max_payload: 8 * 1024 * 1024,
  max_pending: 1024 * 1024 * 1024,
  write_deadline: '120s',
  ping_interval: '120s',
} as const;
