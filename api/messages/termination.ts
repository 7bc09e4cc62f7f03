import { z } from 'zod';

/** Why a worker ended so that another start cannot cure it. The operator has a reason of the same name for each. */
export const fatalCodes = [
  'BadConfiguration',
  'Unsupported',
  'ModelInvalid',
  'InputInvalid',
  'PlanTooLarge',
  'PlanDiffers',
  'MachinesDiffer',
  'ModelsDiffer',
  'ProviderUnavailable',
  'FetchFailed',
  'DigestMismatch',
] as const;
export type FatalCode = (typeof fatalCodes)[number];

/** Exit statuses of a worker. Done: the local worker has no visit left. Stopped: asked to, or superseded. */
export const exitStatuses = { done: 0, failed: 1, fatal: 2, stopped: 143 } as const;

/** The most that a kubelet keeps of a container's last words. */
export const terminationBytes = 4096;

// Codes are texts here: an operator may read what a worker of another version wrote.
const endSchema = z.strictObject({ code: z.string(), message: z.string() });

/** A worker's last words, with exit status 2 (`fatal`: another start cannot cure it) or 1 (`failed`: it may). */
export const terminationSchema = z.union([z.strictObject({ fatal: endSchema }), z.strictObject({ failed: endSchema })]);
export type Termination = z.infer<typeof terminationSchema>;

/** The last words as JSON of at most 4096 bytes; a message that is too long loses its end. */
export function formatTermination(termination: Termination): string {
  const shortened = (length: number) => {
    const cut = ({ code, message }: z.infer<typeof endSchema>) => ({
      code,
      message: message.length > length ? `${message.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}…` : message,
    });
    return JSON.stringify(
      'fatal' in termination ? { fatal: cut(termination.fatal) } : { failed: cut(termination.failed) },
    );
  };
  const { message } = 'fatal' in termination ? termination.fatal : termination.failed;
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  // A character takes six bytes at most, escaped as JSON does.
  for (let length = Math.min(message.length, terminationBytes); ; length = Math.floor(length * 0.9)) {
    const text = shortened(length);
    if (bytes(text) <= terminationBytes || length === 0) return text;
  }
}

/** Reads a container's termination message; null where it is none of a worker, such as the last lines of a log. */
export function readTermination(text: string): Termination | null {
  try {
    return terminationSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
