import type { Clock } from '../clock.ts';
import type { KubeObject } from '../objects.ts';
import type { Resource } from '../resource.ts';
import { ApiTimeout, ApiUnreachable } from './errors.ts';
import { explain } from './explain.ts';
import { LineSplitter } from './lines.ts';
import { LinkedAbort } from './linked-signal.ts';
import type { ApiRequest, Transport } from './transport.ts';
import { readWatchEvent, type WatchEvent } from './watch-event.ts';

/** The server sends a bookmark about every minute; one that has begun to and then says nothing is gone. */
export const silenceLimitMs = 180_000;
/** How long after the end it was asked for a watch may go on. */
const overtimeMs = 15_000;

export interface WatchStream<T extends KubeObject> {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly resource: Resource<T>;
  readonly request: ApiRequest;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/**
 * The events of one watch, until the server ends it as asked. Throws what an ERROR event describes, ApiUnreachable
 * where the stream is cut, ApiTimeout where the server falls silent, and the signal's reason.
 */
export async function* watchEvents<T extends KubeObject>(stream: WatchStream<T>): AsyncGenerator<WatchEvent<T>, void> {
  const { transport, clock, resource, request, timeoutSeconds } = stream;
  using abort = new LinkedAbort(stream.signal);
  const end = (ms: number) => clock.after(ms, () => abort.abort(new ApiTimeout(request.subject, ms)));
  const stopOvertime = end(timeoutSeconds * 1000 + overtimeMs);
  let stopSilence = (): void => {};
  try {
    const { body } = await transport.open(request, abort.signal);
    const lines = new LineSplitter();
    let bookmarked = false;
    for await (const chunk of body) {
      stopSilence();
      for (const line of lines.push(chunk)) {
        const event = readWatchEvent(request.subject, resource, line);
        if (event === null) continue;
        bookmarked ||= event.type === 'BOOKMARK';
        yield event;
        abort.signal.throwIfAborted();
      }
      if (bookmarked) stopSilence = end(silenceLimitMs);
    }
    abort.signal.throwIfAborted();
    if (lines.incomplete) throw new ApiUnreachable(request.subject, 'the watch was cut within an event');
  } catch (error) {
    abort.signal.throwIfAborted();
    throw explain(request.subject, error);
  } finally {
    stopOvertime();
    stopSilence();
    // Cuts the connection where the caller left early.
    abort.abort(new Error('the watch is over'));
  }
}
