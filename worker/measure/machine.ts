import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus, hostname, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { z } from 'zod';
import * as proc from './proc.ts';

/** What one side of an experiment runs on. Null is what this system does not tell. */
export interface Machine {
  readonly node: string;
  readonly cpuModel: string | null;
  /** Logical cores of the machine; `cpuset` names those that this process may run on. */
  readonly cores: number;
  readonly cpuset: string | null;
  /** What this process may use: the machine's memory, or less where its group is limited. */
  readonly memoryTotalBytes: number;
  readonly runtime: { readonly name: string; readonly version: string };
  readonly executionProvider: string;
  readonly gpu: Gpu | null;
  /** Of the running kernel: two processes with the same one share a host and its monotonic clock. */
  readonly bootId: string | null;
}

export interface Gpu {
  readonly name: string;
  readonly count: number;
  readonly memoryTotalBytes: number;
}

const nvidiaProviders = new Set(['CUDA', 'TensorRT']);

/** Describes this machine. The GPU is asked for (by nvidia-smi) where the provider runs on NVIDIA's alone. */
export async function describeMachine(executionProvider: string): Promise<Machine> {
  const cores = cpus();
  const limit = process.constrainedMemory();
  return {
    node: hostname(),
    cpuModel:
      cores.map(({ model }) => model.trim()).find((model) => model && model !== 'unknown') ?? (await boardName()),
    cores: cores.length,
    cpuset: proc.allowedCores(await readText('/proc/self/status')),
    memoryTotalBytes: limit > 0 ? Math.min(limit, totalmem()) : totalmem(),
    runtime: { name: 'onnxruntime-node', version: runtimeVersion() },
    executionProvider,
    gpu: nvidiaProviders.has(executionProvider) ? await askNvidia() : null,
    bootId: (await readText('/proc/sys/kernel/random/boot_id')).trim() || null,
  };
}

/** What tells hosts apart. */
export type Host = Pick<Machine, 'node' | 'bootId'>;

/** Whether both run on one host; without the kernel's identifiers the names of the hosts decide. */
export function sharesHost(a: Host, b: Host): boolean {
  if (a.bootId !== null && b.bootId !== null) return a.bootId === b.bootId;
  return a.bootId === b.bootId && a.node === b.node;
}

/** Reads what `nvidia-smi --query-gpu=name,memory.total --format=csv,noheader,nounits` prints; null if malformed. */
export function parseNvidiaSmi(text: string): Gpu | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const [, name, mebibytes] = lines[0]?.match(/^(.+), (\d+)\s*$/) ?? [];
  if (name === undefined || mebibytes === undefined) return null;
  return { name, count: lines.length, memoryTotalBytes: Number(mebibytes) * 1024 ** 2 };
}

async function askNvidia(): Promise<Gpu | null> {
  const query = ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'];
  try {
    return parseNvidiaSmi((await promisify(execFile)('nvidia-smi', query, { timeout: 10_000 })).stdout);
  } catch {
    return null;
  }
}

function runtimeVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('onnxruntime-node/package.json');
  return z.object({ version: z.string() }).parse(manifest).version;
}

/** Small boards name themselves where their processors do not: "Raspberry Pi 5 Model B Rev 1.0". */
async function boardName(): Promise<string | null> {
  return (await readText('/proc/device-tree/model')).replaceAll('\0', '').trim() || null;
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
