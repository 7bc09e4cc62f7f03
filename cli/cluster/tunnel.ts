import { Duplex } from 'node:stream';
import { WebSocketHandler } from '@kubernetes/client-node/dist/web-socket-handler.js';
import type { ApiServer } from './api-server.ts';
import { messageOf } from './api-server.ts';
import { ClusterError } from './errors.ts';
import type { OperatorPod } from './operator-pod.ts';

/** What is used of the WebSocket of Node's `ws`, which can stop reading, so that the sender is held up. */
interface Socket {
  send(data: Buffer, sent: (error?: Error) => void): void;
  close(): void;
  pause(): void;
  resume(): void;
  onclose: (() => void) | null;
  onerror: ((event: { readonly message: string }) => void) | null;
}

const dataChannel = 0;
const portBytes = 2;

/**
 * A connection to a port of a pod through the API server, which opens no port here. Throws `ClusterError` Forbidden where
 * the caller may not forward ports of pods.
 */
export async function openTunnel(server: ApiServer, { namespace, name, port }: OperatorPod): Promise<Duplex> {
  // The first message of each channel repeats the port.
  const announced = new Set<number>();
  let resume = () => {};
  const early: Buffer[] = [];
  let socket: Socket | undefined;
  let opened: Socket;
  const tunnel = new Duplex({
    read() {
      resume();
      resume = () => {};
    },
    write(chunk: Buffer, _encoding, callback) {
      socket?.send(Buffer.concat([Buffer.of(dataChannel), chunk]), callback);
    },
    destroy(error, callback) {
      socket?.close();
      callback(error);
    },
  });
  const receive = (channel: number, data: Buffer): boolean => {
    const bytes = announced.has(channel) ? data : data.subarray(portBytes);
    announced.add(channel);
    if (bytes.length === 0 || tunnel.destroyed) return true;
    if (channel !== dataChannel) tunnel.destroy(new Error(bytes.toString().trim()));
    else if (!socket) early.push(bytes);
    else if (!tunnel.push(bytes)) {
      const held = socket;
      held.pause();
      resume = () => held.resume();
    }
    return true;
  };
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/portforward?ports=${port}`;
  try {
    opened = await new WebSocketHandler(server.kubeConfig).connect(path, null, receive);
    socket = opened;
  } catch (cause) {
    const why = messageOf(cause instanceof Error ? cause : Reflect.get(Object(cause), 'message'));
    const message = `no connection to port ${port} of pod ${namespace}/${name}: ${why}`;
    throw new ClusterError(/\b403\b/.test(why) ? 'Forbidden' : 'Refused', message, { cause });
  }
  for (const bytes of early) tunnel.push(bytes);
  opened.onclose = () => void tunnel.push(null);
  opened.onerror = ({ message }) => void tunnel.destroy(new Error(message));
  return tunnel;
}
