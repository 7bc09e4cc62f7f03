import type { Tensor } from '../tensor.ts';
import { checkLength, isRuntimeType, isSharedAndAligned, reusableSharedBytes, runtimeTypes } from './elements.ts';
import {
  ExecutionProviderUnavailableError,
  FeedError,
  ModelRefusedError,
  RunFailedError,
  SessionOptionError,
  UnsupportedElementTypeError,
} from './errors.ts';
import { backendConfigs } from './execution-provider.ts';
import { leaveThread, takeThread } from './idle-thread.ts';
import { hostThread, type ThreadHost } from './thread-host.ts';
import type { OpenReply, OpenRequest, RunReply, ThreadReply, ValueMetadata } from './thread-messages.ts';

export interface SessionOptions {
  /** An ONNX model, usually a stub of a few kilobytes whose weights lie in files of `folder`. */
  readonly model: Uint8Array;
  /** Where the model's external data lies. */
  readonly folder?: string;
  /** A key of `executionProviders`; no other one is taken in its place. */
  readonly executionProvider: string;
  readonly device: number;
  /** Threads of one operator; operators run one after another. */
  readonly threads: number;
  /**
   * Whether idle threads of the runtime spin, as its own default is. It makes short operators faster on more than one
   * thread and takes the cores from whoever else runs on this host: false where both sides share one.
   */
  readonly spinning: boolean;
  readonly optimization: OpenRequest['optimization'];
  readonly providerOptions: OpenRequest['providerOptions'];
  /** Ends the session at once, and its thread as soon as the runtime gives it back. */
  readonly signal?: AbortSignal;
}

export interface RunResult {
  /** In the order of `Session.outputs`, in shared memory that the session's next run overwrites. */
  readonly outputs: readonly Tensor[];
  /** When the runtime was called and when the outputs lay in shared memory, in `monotonicMs`. */
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
}

/** A model ready to run in a thread that no other session uses at the time. */
export interface Session extends AsyncDisposable {
  /** How long the runtime took to create the session, the start of the thread excluded. */
  readonly loadMilliseconds: number;
  readonly inputs: readonly ValueMetadata[];
  readonly outputs: readonly ValueMetadata[];
  /**
   * Runs the model on one tensor per input, found by name. Data in shared memory and aligned for its type is read in
   * place and must not change until the run ends; other data is copied first. Rejects with `FeedError`,
   * `RunFailedError`, `SessionBusyError` (one run at a time), `SessionClosedError` or `SessionCrashedError`.
   */
  run(feeds: readonly Tensor[]): Promise<RunResult>;
  /** Waits for a run under way and frees the session. Outputs stay readable. */
  close(): Promise<void>;
}

/**
 * Creates a session in a thread that holds none. Throws `SessionOptionError`, `ExecutionProviderUnavailableError`,
 * `ModelRefusedError`, `UnsupportedElementTypeError`, or the reason of the signal; nothing is left running then.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { model, folder, executionProvider, device, threads, spinning, optimization, providerOptions, signal } =
    options;
  if (!Number.isInteger(threads) || threads < 1) throw new SessionOptionError('threads', threads, 'a number from 1');
  backendConfigs(executionProvider, device, providerOptions);
  signal?.throwIfAborted();

  const thread = hostThread(takeThread(), leaveThread, signal);
  try {
    // A copy of the model alone: a view would take its whole buffer along.
    const bytes = new Uint8Array(model);
    const request = {
      model: bytes,
      folder,
      executionProvider,
      device,
      threads,
      spinning,
      optimization,
      providerOptions,
    };
    const reply = await thread.request({ kind: 'open', value: request }, [bytes.buffer]);
    const opened = expectReply('opened', reply, executionProvider);
    for (const value of opened.inputs) checkType('input', value);
    for (const value of opened.outputs) checkType('output', value);
    return sessionOn(thread, opened);
  } catch (error) {
    await thread.close();
    throw error;
  }
}

function sessionOn(thread: ThreadHost, opened: OpenReply): Session {
  const { loadMilliseconds, inputs, outputs } = opened;
  const copies = new Map(inputs.map(({ name }) => [name, reusableSharedBytes()]));
  let lastOutputs: readonly Tensor[] = [];
  return {
    loadMilliseconds,
    inputs,
    outputs,
    async run(given) {
      // Before the feeds are copied: a run under way may be reading the last ones.
      thread.assertIdle();
      const feeds = inputs.map((input) => shareFeed(input, given, copies.get(input.name)));
      const unknown = given.find(({ name }) => !copies.has(name));
      if (unknown)
        throw new FeedError(unknown.name, 'is not an input', `the model takes ${[...copies.keys()].join(', ')}`);
      const ran: RunReply = expectReply('ran', await thread.request({ kind: 'run', value: { feeds } }), '');
      lastOutputs = ran.outputs ?? lastOutputs;
      return { outputs: lastOutputs, startedAtMs: ran.startedAtMs, finishedAtMs: ran.finishedAtMs };
    },
    close: () => thread.close(),
    [Symbol.asyncDispose]: () => thread.close(),
  };
}

function shareFeed(
  input: ValueMetadata,
  given: readonly Tensor[],
  copy: ReturnType<typeof reusableSharedBytes> | undefined,
): Tensor {
  const feed = given.find(({ name }) => name === input.name);
  if (!feed || !copy) throw new FeedError(input.name, 'is missing', `feed a ${input.type} tensor of this name`);
  if (feed.type !== input.type) throw new FeedError(input.name, `is fed ${feed.type}`, `the model takes ${input.type}`);
  checkLength(feed);
  if (isSharedAndAligned(feed.type, feed.data)) return feed;
  const shared = copy(feed.data.byteLength);
  shared.set(feed.data);
  return { ...feed, data: shared };
}

function checkType(side: string, { name, type }: ValueMetadata): void {
  if (!isRuntimeType(type)) throw new UnsupportedElementTypeError(`${side} "${name}"`, type, runtimeTypes);
}

type ReplyValue<Kind extends 'opened' | 'ran'> = Extract<ThreadReply, { kind: Kind }>['value'];

function expectReply<Kind extends 'opened' | 'ran'>(kind: Kind, reply: ThreadReply, provider: string): ReplyValue<Kind>;
function expectReply(kind: 'opened' | 'ran', reply: ThreadReply, provider: string) {
  if (reply.kind === kind) return reply.value;
  if (reply.kind !== 'failed') throw new RunFailedError(`the thread answered "${reply.kind}" instead of "${kind}"`);
  const failure = reply.value;
  switch (failure.code) {
    case 'ExecutionProviderUnavailable':
      throw new ExecutionProviderUnavailableError(provider, failure.reason, failure.available);
    case 'ModelRefused':
      throw new ModelRefusedError(failure.reason);
    case 'RunFailed':
      throw new RunFailedError(failure.reason);
  }
}
