const chunkLength = 32 * 1024;

/**
 * The body of an answer, made as the client takes it: a slow one holds up its own text and nothing else. `release` is
 * called when the text is over, the client has gone, or the text fails, which breaks the connection off.
 */
export function textBody(
  texts: AsyncGenerator<string, void>,
  release: (error?: unknown) => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await texts.next();
          if (!done) return controller.enqueue(encoder.encode(value));
          release();
          controller.close();
        } catch (error) {
          release(error);
          throw error;
        }
      },
      async cancel() {
        release();
        await texts.return();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Joins short texts to longer ones of about 32 KiB. */
export async function* joined(texts: AsyncIterable<string>): AsyncGenerator<string, void> {
  let chunk = '';
  for await (const text of texts) {
    chunk += text;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
