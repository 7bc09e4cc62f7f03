import { SessionOptionError } from './errors.ts';

type OptionKind = 'string' | 'boolean' | 'integer' | 'list';

interface Provider {
  /** Names that ONNX Runtime's Node binding knows it by, in order of preference of the graph's nodes. */
  readonly backends: readonly string[];
  readonly takesDevice: boolean;
  /** Options that the binding hands on. It ignores others without a word, so that they are refused here. */
  readonly options: Readonly<Record<string, OptionKind>>;
}

/**
 * Execution providers by their name in a manifest. The options are those that onnxruntime-node 1.30 reads
 * (`js/node/src/session_options_helper.cc` of ONNX Runtime); for CUDA and TensorRT it reads the device alone.
 * What CUDA or TensorRT cannot run, ONNX Runtime gives to the next provider: TensorRT to CUDA, all to CPU.
 */
export const executionProviders = {
  CPU: { backends: ['cpu'], takesDevice: false, options: {} },
  CUDA: { backends: ['cuda'], takesDevice: true, options: {} },
  TensorRT: { backends: ['tensorrt', 'cuda'], takesDevice: true, options: {} },
  WebGPU: {
    backends: ['webgpu'],
    takesDevice: false,
    options: {
      preferredLayout: 'string',
      validationMode: 'string',
      storageBufferCacheMode: 'string',
      uniformBufferCacheMode: 'string',
      queryResolveBufferCacheMode: 'string',
      defaultBufferCacheMode: 'string',
      enableRobustness: 'boolean',
      forceCpuNodeNames: 'list',
    },
  },
  CoreML: { backends: ['coreml'], takesDevice: false, options: { coreMlFlags: 'integer' } },
  DirectML: { backends: ['dml'], takesDevice: true, options: {} },
  QNN: {
    backends: ['qnn'],
    takesDevice: false,
    options: { backendType: 'string', backendPath: 'string', enableFp16Precision: 'boolean' },
  },
} as const satisfies Record<string, Provider>;

export type ExecutionProvider = keyof typeof executionProviders;

export interface ProviderOption {
  readonly name: string;
  readonly value: string;
}

/** One entry of the runtime's `executionProviders`. */
export interface BackendConfig {
  readonly name: string;
  readonly [option: string]: string | number | boolean | readonly string[];
}

/**
 * What ONNX Runtime is given for a provider: its entries in order, the first being the one that was asked for.
 * Values of options are the manifest's strings (`true`, `12`, `a,b`). Throws `SessionOptionError` for a provider, a
 * device or an option that the binding would ignore.
 */
export function backendConfigs(
  name: string,
  device: number,
  options: readonly ProviderOption[],
): readonly [BackendConfig, ...BackendConfig[]] {
  const provider = findProvider(name);
  if (!Number.isInteger(device) || device < 0) {
    throw new SessionOptionError('device', device, 'give the number of the device, from 0');
  }
  if (device !== 0 && !provider.takesDevice) {
    throw new SessionOptionError('device', device, `${name} has no choice of device: leave it out`);
  }
  const place = provider.takesDevice ? { deviceId: device } : {};
  const parsed = Object.fromEntries(options.map((option) => [option.name, parseOption(name, provider, option)]));
  const [first, ...rest] = provider.backends.map((backend) => ({ ...place, name: backend }));
  return [{ ...parsed, ...first, name: provider.backends[0] ?? '' }, ...rest];
}

/** The manifest's name of a provider from the runtime's (`webgpu` is WebGPU); unknown ones as they are. */
export function providerOfBackend(backend: string): string {
  const found = Object.entries(executionProviders).find(([, provider]) => provider.backends[0] === backend);
  return found?.[0] ?? backend;
}

function findProvider(name: string): Provider {
  const found = Object.entries(executionProviders).find(([key]) => key === name);
  if (!found) {
    throw new SessionOptionError('executionProvider', name, `one of ${Object.keys(executionProviders).join(', ')}`);
  }
  return found[1];
}

function parseOption(name: string, provider: Provider, { name: option, value }: ProviderOption) {
  const field = `session.providerOptions.${option}`;
  const kind = Object.hasOwn(provider.options, option) ? provider.options[option] : undefined;
  switch (kind) {
    case undefined: {
      const known = Object.keys(provider.options).join(', ');
      throw new SessionOptionError(field, value, known ? `${name} takes ${known}` : `${name} takes no options`);
    }
    case 'string':
      return value;
    case 'list':
      return value.split(',');
    case 'boolean':
      if (value === 'true' || value === 'false') return value === 'true';
      throw new SessionOptionError(field, value, 'true or false');
    case 'integer':
      if (/^\d{1,9}$/.test(value)) return Number(value);
      throw new SessionOptionError(field, value, 'a whole number');
  }
}
