import { z } from 'zod';
import { apiVersion, kind } from '../../api/manifest/manifest.ts';
import type { Client } from '../../test/cluster/client.ts';
import type { ControlPlane } from '../../test/cluster/control-plane.ts';
import { eventually } from '../../test/support/deadline.ts';

export const path = `/apis/${apiVersion}/namespaces/default/splitexperiments`;

/** An object as it is sent to the API server. */
export function experiment(spec: unknown, name = 'test') {
  return { apiVersion, kind, metadata: { name }, spec };
}

/** What the API server says of one field that it refuses. */
export interface Refusal {
  readonly field: string;
  readonly message: string;
}

const storedSchema = z.looseObject({ metadata: z.looseObject({}), spec: z.looseObject({}) });
type Stored = z.output<typeof storedSchema>;

const refusalSchema = z.looseObject({
  message: z.string(),
  details: z
    .looseObject({ causes: z.array(z.looseObject({ field: z.string().default(''), message: z.string() })).optional() })
    .optional(),
});

export type Outcome =
  | { readonly ok: true; readonly object: Stored }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** The API server's answer to a write: the object with its defaults, or everything that it refuses. */
export async function write(
  client: Client,
  method: string,
  to: string,
  body: unknown,
  type?: string,
): Promise<Outcome> {
  const { status, body: answer } = await client.send(method, to, body, type);
  if (status < 300) return { ok: true, object: storedSchema.parse(answer) };
  const { message, details } = refusalSchema.parse(answer);
  const causes = details?.causes ?? [{ field: '', message }];
  return { ok: false, refusals: causes.map(({ field, message }) => ({ field, message })) };
}

/** What would come of creating an object as `kubectl apply` does, with strict field validation; nothing is stored. */
export function tryToCreate(client: Client, object: unknown): Promise<Outcome> {
  return write(client, 'POST', `${path}?dryRun=All&fieldValidation=Strict`, object);
}

/** Runs kubectl as soon as it knows the kind: discovery and OpenAPI follow some time after the definition is established. */
export function onceKnown(plane: ControlPlane, args: readonly string[]): Promise<string> {
  return eventually(60_000, `kubectl ${args.join(' ')}`, () => plane.kubectl(args).catch(() => null));
}
