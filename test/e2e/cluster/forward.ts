import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findPrograms } from '../../cluster/programs/kubernetes.ts';
import { within } from '../../support/deadline.ts';

/** A port of something in a cluster. */
export interface Forwarded {
  readonly namespace: string;
  /** As kubectl has it: `pod/NAME` or `service/NAME`. */
  readonly target: string;
  readonly port: number;
}

/** Makes it a port of 127.0.0.1, until disposed of. */
export async function forwardPort(
  kubeconfig: string,
  { namespace, target, port }: Forwarded,
): Promise<{ readonly port: number } & AsyncDisposable> {
  const { kubectl } = await findPrograms(['kubectl']);
  const child = spawn(kubectl, ['port-forward', '--namespace', namespace, target, `:${port}`], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = await within(20_000, `a port for ${target}`, once(createInterface({ input: child.stdout }), 'line'));
  const found = /127\.0\.0\.1:(\d+)/.exec(String(line))?.[1];
  if (found === undefined) throw new Error(`kubectl port-forward ${target}: ${line}`);
  return {
    port: Number(found),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
