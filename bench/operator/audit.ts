import { open } from 'node:fs/promises';
import { z } from 'zod';

const eventSchema = z.object({
  verb: z.string(),
  user: z.object({ username: z.string() }),
  objectRef: z
    .object({ resource: z.string().optional(), subresource: z.string().optional(), name: z.string().optional() })
    .optional(),
  requestURI: z.string(),
  stage: z.string(),
});

/** One request that the API server answered, or a watch that it began to answer. */
export interface Audited {
  readonly verb: string;
  /** With its subresource: `pods/status`. */
  readonly resource: string;
  readonly name: string;
}

const writing = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

export function isWrite({ verb }: Audited): boolean {
  return writing.has(verb);
}

/** Reads the requests of one user out of an audit log, from where it stands when this is called. */
export async function auditFrom(file: string, username: string): Promise<() => Promise<Audited[]>> {
  let from = await sizeOf(file);
  return async () => {
    const to = await sizeOf(file);
    const log = await open(file);
    try {
      const { buffer } = await log.read(Buffer.alloc(to - from), 0, to - from, from);
      from = to;
      return requestsOf(buffer.toString(), username);
    } finally {
      await log.close();
    }
  };
}

async function sizeOf(file: string): Promise<number> {
  const log = await open(file);
  try {
    return (await log.stat()).size;
  } finally {
    await log.close();
  }
}

function requestsOf(text: string, username: string): Audited[] {
  return text.split('\n').flatMap((line) => {
    if (line.length === 0) return [];
    const { verb, user, objectRef = {}, requestURI, stage } = eventSchema.parse(JSON.parse(line));
    // A watch is written when it begins, and again when it ends.
    if (user.username !== username || stage !== (verb === 'watch' ? 'ResponseStarted' : 'ResponseComplete')) return [];
    const { resource = requestURI, subresource, name = '' } = objectRef;
    return [{ verb, resource: subresource ? `${resource}/${subresource}` : resource, name }];
  });
}

/** How many of each, as `2 create pods, 1 patch splitexperiments/status`. */
export function tally(requests: readonly Audited[]): string {
  const groups = Map.groupBy(requests, ({ verb, resource }) => `${verb} ${resource}`);
  return [...groups]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([what, { length }]) => `${length} ${what}`)
    .join(', ');
}
