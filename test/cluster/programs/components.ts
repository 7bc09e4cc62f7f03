import { join } from 'node:path';
import { cached } from './cached.ts';
import { goBuild } from './go.ts';

/** Path of CoreDNS, built with the few plugins that a test cluster needs (2.5 minutes, once). */
export function coredns(): Promise<string> {
  return component('coredns', 'v1.14.7', 'building CoreDNS from its Go module (2 to 3 minutes, once)');
}

/** Path of the program of every pod's first container. */
export function pause(): Promise<string> {
  return component('pause', 'v1', 'building the pause program (10 s, once)');
}

async function component(name: string, version: string, announce: string): Promise<string> {
  const folder = await cached({
    name: `${name}-${version}`,
    announce,
    make: (into, scratch) =>
      goBuild(
        name,
        ['-ldflags=-s -w', '-o', join(into, name), '.'],
        join(import.meta.dirname, '..', 'components', name),
        scratch,
      ),
  });
  return join(folder, name);
}
