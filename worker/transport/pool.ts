import { Arena } from './codec/arena.ts';

/** Arenas that are used again, most recently used first, so that their pages are warm. */
export interface ArenaPool {
  lease(): Arena;
  release(arena: Arena): void;
}

export function arenaPool(): ArenaPool {
  const free: Arena[] = [];
  return {
    lease: () => free.pop() ?? new Arena(),
    release(arena) {
      arena.reset();
      free.push(arena);
    },
  };
}
