import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { LinkConfigInvalid } from './errors.ts';

const name = z.string().min(1);
const port = z.int().max(65_535);

/** What a link emulator is told when it starts; the profile comes later, over the control connection. */
export const linkConfigSchema = z.strictObject({
  scope: z.strictObject({ cluster: name, namespace: name, uid: name }),
  lane: z.int().min(0),
  /** The NATS server, past the link. */
  control: z.strictObject({ url: name, user: name, password: name }),
  /** Where data connections are accepted; port 0: chosen by the system. */
  listen: z.strictObject({ host: name, port: port.min(0) }),
  /** Where they are forwarded to: the NATS server. */
  upstream: z.strictObject({ host: name, port: port.min(1) }),
});
export type LinkConfig = z.infer<typeof linkConfigSchema>;

/** Reads a link emulator's configuration; throws {@link LinkConfigInvalid} that names the file and the field. */
export async function readLinkConfig(path: string): Promise<LinkConfig> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new LinkConfigInvalid(path, error.message);
  });
  const parsed = linkConfigSchema.safeParse(parseJson(path, text));
  if (!parsed.success) throw new LinkConfigInvalid(path, z.prettifyError(parsed.error).replaceAll('\n', ' '));
  return parsed.data;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and with it the password.
    throw new LinkConfigInvalid(path, 'is not JSON');
  }
}
