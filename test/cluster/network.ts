import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer, Server } from 'node:net';
import { join } from 'node:path';
import { within } from '../support/deadline.ts';
import { controlPlaneAddress, nodeNetwork } from './addresses.ts';
import { command } from './command.ts';
import type { ControlPlaneNetwork } from './control-plane.ts';
import { makeNetworkNamespace, type NetworkNamespace } from './namespaces.ts';
import { nodeTools } from './programs/node-tools.ts';
import { passOn, type RelayRequest } from './relay.ts';

const bridge = 'br0';

/**
 * The network of one cluster: the control plane's namespace with a bridge, to which each node's namespace is wired.
 * Nothing of it is in the machine's own network.
 */
export interface ClusterNetwork extends ControlPlaneNetwork, AsyncDisposable {
  /** Wires a node's namespace, which may be a new one after the node was killed. */
  attach(number: number, node: NetworkNamespace, nodes: number): Promise<void>;
  /** Whether the node's cable takes anything: cut, no side hears of it. */
  setCable(number: number, isConnected: boolean): Promise<void>;
  /** Drops all that an address of a pod or node sends to the control plane, until disposed of. */
  cutOff(address: string): Promise<AsyncDisposable>;
  /** Makes a port of 127.0.0.1 of the machine reachable for pods, at the address and port that are given back. */
  expose(port: number): Promise<{ readonly host: string; readonly port: number }>;
}

export async function makeClusterNetwork(folder: string): Promise<ClusterNetwork> {
  await using undo = new AsyncDisposableStack();
  const plane = undo.use(await makeNetworkNamespace('the control plane', folder));
  await plane.ip(
    'link set lo up',
    `link add ${bridge} type bridge`,
    `addr add ${controlPlaneAddress}/24 dev ${bridge}`,
    `link set ${bridge} up`,
  );
  const inPlane = (args: readonly string[], options = {}) =>
    command(plane.through[0] ?? '', [...plane.through.slice(1), ...args], options);
  await inPlane(['sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  const nft = await prepareNft(inPlane);
  const relay = undo.use(startRelay(plane.through));
  const parts = undo.move();
  return {
    through: plane.through,
    address: controlPlaneAddress,
    reach: relay.reach,
    expose: (port) => relay.expose(controlPlaneAddress, port),
    async attach(number, node, nodes) {
      const { address, podRange } = nodeNetwork(number);
      await plane.ip(
        `link add node${number} type veth peer name eth0 netns ${node.pid}`,
        `link set node${number} master ${bridge} up`,
        `route replace ${podRange} via ${address}`,
      );
      const others = Array.from({ length: nodes }, (_, index) => index + 1).filter((one) => one !== number);
      await node.ip(
        'link set lo up',
        `addr add ${address}/24 dev eth0`,
        'link set eth0 up',
        `route add default via ${controlPlaneAddress}`,
        ...others.map(nodeNetwork).map((other) => `route add ${other.podRange} via ${other.address}`),
      );
    },
    async setCable(number, isConnected) {
      // States of a bridge's port: 0 passes nothing, 3 forwards.
      await inPlane(['bridge', 'link', 'set', 'dev', `node${number}`, 'state', isConnected ? '3' : '0']);
    },
    async cutOff(address) {
      await nft(`add element ${cutSet} { ${address} }`);
      return { [Symbol.asyncDispose]: () => nft(`delete element ${cutSet} { ${address} }`) };
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

const table = 'inet splitlab';
const cutSet = `${table} cut`;

async function prepareNft(
  inPlane: (args: readonly string[], options?: object) => Promise<string>,
): Promise<(line: string) => Promise<void>> {
  const tools = join(await nodeTools(), 'usr');
  const libraries = (await readdir(join(tools, 'lib'))).map((name) => join(tools, 'lib', name));
  const env = { LD_LIBRARY_PATH: libraries.join(':') };
  const nft = async (script: string) => {
    await inPlane([join(tools, 'sbin', 'nft'), '--file', '-'], { env, input: script });
  };
  await nft(
    [
      `add table ${table}`,
      `add set ${cutSet} { type ipv4_addr; }`,
      `add chain ${table} input { type filter hook input priority 0; }`,
      `add rule ${table} input ip saddr @cut drop`,
    ].join('\n'),
  );
  return nft;
}

interface Relay extends AsyncDisposable {
  reach(port: number): Promise<number>;
  expose(host: string, port: number): Promise<{ readonly host: string; readonly port: number }>;
}

function startRelay(through: readonly string[]): Relay {
  const [file = '', ...args] = [...through, process.execPath, join(import.meta.dirname, 'relay.ts')];
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], detached: true });
  const servers: Server[] = [];
  const ask = async (request: RelayRequest, server?: Server): Promise<unknown> => {
    const answered = once(child, 'message');
    child.send(request, server);
    const [, handle] = await within(10_000, `the relay's answer to ${request.kind}`, answered);
    return handle;
  };
  return {
    async reach(port) {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      await ask({ kind: 'reach', port }, server);
      // The relay has it now; what it closes here is this process's own descriptor.
      server.close();
      return typeof address === 'object' && address !== null ? address.port : 0;
    },
    async expose(host, port) {
      const server = await ask({ kind: 'expose', host, port });
      if (!(server instanceof Server)) throw new TypeError('the relay gave no server');
      passOn(server, port);
      server.unref();
      servers.push(server);
      return { host, port };
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) server.close();
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
