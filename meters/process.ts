import { performance } from 'node:perf_hooks';
import { getHeapSpaceStatistics } from 'node:v8';
import { listed } from '../api/telemetry/metric.ts';
import { heapSpaces } from '../api/telemetry/metrics/process.ts';
import type { Registry } from './registry.ts';

/** Adds what each snapshot says of the process and its runtime; reading it takes some 0.1 ms and needs no timer. */
export function observeProcess(registry: Registry): void {
  registry.observe(() => {
    registry.set('process.memory.usage', {}, process.memoryUsage.rss());
    registry.set('process.uptime', {}, process.uptime());
    const { user, system } = process.cpuUsage();
    registry.total('process.cpu.time', { 'cpu.mode': 'user' }, user / 1e6);
    registry.total('process.cpu.time', { 'cpu.mode': 'system' }, system / 1e6);
    const { active, idle } = performance.eventLoopUtilization();
    registry.total('nodejs.eventloop.time', { 'nodejs.eventloop.state': 'active' }, active / 1e3);
    registry.total('nodejs.eventloop.time', { 'nodejs.eventloop.state': 'idle' }, idle / 1e3);
    observeHeap(registry);
  });
}

function observeHeap(registry: Registry): void {
  const sizes = new Map<(typeof heapSpaces)[number], { used: number; limit: number }>();
  for (const space of getHeapSpaceStatistics()) {
    const name = listed(heapSpaces, space.space_name);
    const { used, limit } = sizes.get(name) ?? { used: 0, limit: 0 };
    sizes.set(name, { used: used + space.space_used_size, limit: limit + space.space_size });
  }
  for (const [name, { used, limit }] of sizes) {
    registry.set('v8js.memory.heap.used', { 'v8js.heap.space.name': name }, used);
    registry.set('v8js.memory.heap.limit', { 'v8js.heap.space.name': name }, limit);
  }
}
