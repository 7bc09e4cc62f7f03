import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http2';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { temporaryFolder } from '../support/command.ts';
import { loopbackCertificate } from '../support/loopback-certificate.ts';
import { startGrpcServer, startHttpServer, startSilentServer } from '../support/otlp.ts';
import { assertComplete } from '../support/results.ts';
import { decodeSpans, type ReceivedSpan } from '../support/spans.ts';
import { type CollectedRun, collectedRun } from './collected-run.ts';

const timeout = 180_000;
const visits = 8;
/** For what is on its way when a run ends, with what a busy machine adds. */
const closeMs = 2 * (3_000 + 1_500) + 2_000;

describe('collectors that misbehave', { timeout }, () => {
  let plain: CollectedRun;
  before(async () => {
    plain = await collectedRun(undefined);
    assert.equal(plain.spans, null);
  });

  /** The experiment is as it would be without the receiver, and says what became of its spans. */
  async function assertLost(endpoint: string, reason: RegExp, protocol = 'HttpProtobuf'): Promise<CollectedRun> {
    const run = await collectedRun({ endpoint, protocol });
    assert.equal(run.status, 0, run.stderr);
    assertComplete(run.records, visits);
    assert.ok(run.wallMs < 1.5 * plain.wallMs + closeMs, `${run.wallMs} ms, without telemetry ${plain.wallMs} ms`);
    assert.ok(run.spans);
    const { delivered, lost, reason: why } = run.spans;
    assert.ok(lost !== null && lost > 0, JSON.stringify(run.spans));
    assert.match(why ?? '', reason);
    assert.ok(run.stderr.includes(`${lost} of ${delivered + lost} spans were lost: ${why}`), run.stderr);
    assert.match(run.localLog, /"lost":[1-9]\d*,.*"msg":"spans were lost"/);
    return run;
  }

  /** To spans; what comes besides, such as metrics, it does not know. */
  const answering = (answer: (response: ServerResponse) => unknown) =>
    startHttpServer(async (_path, _body, response) => void (await answer(response)));
  /** Metrics come to the same receiver. */
  const answeringSpans = (answer: (response: ServerResponse) => unknown) =>
    startHttpServer(async (path, _body, response) => void (path === '/v1/traces' ? answer(response) : response.end()));

  test('one that answers after 20 s', async () => {
    const gone = new AbortController();
    await using server = await answering(async (response) => {
      await delay(20_000, undefined, { signal: gone.signal }).catch(() => {});
      response.end();
    });
    await assertLost(server.url, /timed? ?out|within/i);
    gone.abort();
  });

  test('one that takes connections and is silent', async () => {
    await using server = await startSilentServer();
    await assertLost(server.url, /timed? ?out|within/i);
    await assertLost(server.url, /deadline|within/i, 'Grpc');
  });

  test('none', async () => {
    const { url } = await (async () => {
      await using server = await startSilentServer();
      return { url: server.url };
    })();
    await assertLost(url, /ECONNREFUSED/);
    await assertLost(url, /ECONNREFUSED|UNAVAILABLE|deadline/i, 'Grpc');
  });

  for (const status of [400, 401, 429, 503]) {
    test(`one that answers ${status}`, async () => {
      await using server = await answering((response) =>
        response.writeHead(status, { 'retry-after': '60' }).end('<html>a page of a proxy</html>'),
      );
      const { localLog } = await assertLost(
        server.url,
        status < 429 ? new RegExp(`${status}`) : /overloaded or not ready/,
      );
      assert.ok(!localLog.includes('a page of a proxy'));
    });
  }

  test('one that closes the connection in the middle', async () => {
    await using server = await answering((response) => {
      response.writeHead(200, { 'content-length': '100' }).write('x');
      response.destroy();
    });
    await assertLost(server.url, /hang up|reset|aborted|ECONNRESET/i);
  });

  test('one that rejects some spans and takes the others', async () => {
    let requests = 0;
    await using server = await answeringSpans((response) => {
      requests++;
      response.end(partialSuccess(1, 'too many attributes'));
    });
    const { spans } = await assertLost(server.url, /^the receiver rejected some: too many attributes$/);
    assert.equal(spans?.lost, requests);
    assert.ok(spans.delivered > 0);
  });
});

describe('receivers behind a private authority that ask for a token', { timeout }, () => {
  const token = 'Bearer a=1,b';

  async function assertReceived(protocol: 'HttpProtobuf' | 'Grpc', authority: 'own' | 'other'): Promise<CollectedRun> {
    await using folder = await temporaryFolder();
    const [own, other] = [await loopbackCertificate(), await loopbackCertificate()];
    const [spans, tokens]: [ReceivedSpan[], Set<unknown>] = [[], new Set()];
    const take = (body: Buffer, headers: IncomingHttpHeaders) => {
      spans.push(...decodeSpans(body));
      tokens.add(headers.authorization);
    };
    await using server =
      protocol === 'Grpc'
        ? await startGrpcServer(take, own)
        : await startHttpServer(async (path, body, response, headers) => {
            if (path === '/v1/traces') take(body, headers);
            response.end();
          }, own);
    await mkdir(join(folder.path, 'token'));
    await writeFile(join(folder.path, 'token', 'authorization'), token);
    await writeFile(join(folder.path, 'ca.crt'), authority === 'own' ? own.ca : other.ca);
    const telemetry = {
      // With gRPC over TLS Node takes no address for the name of a server.
      endpoint: server.url.replace('127.0.0.1', 'localhost'),
      protocol,
      headersSecretRef: { name: 'token' },
      caConfigMapRef: { name: 'authority', key: 'ca.crt' },
    };
    const binds = [`secret/token=${join(folder.path, 'token')}`, `configmap/authority=${folder.path}`];
    const run = await collectedRun(telemetry, binds);
    assert.equal(run.status, 0, run.stderr);
    assertComplete(run.records, visits);
    for (const said of [run.stderr, run.localLog]) assert.ok(!said.includes('a=1'), 'the token stands in no log');
    if (authority === 'own') {
      assert.deepEqual([...tokens], [token]);
      assert.deepEqual(run.spans, { delivered: spans.length, lost: 0, reason: null });
      assert.doesNotMatch(run.stderr, /lost/);
    } else assert.equal(spans.length, 0);
    return run;
  }

  for (const protocol of ['HttpProtobuf', 'Grpc'] as const) {
    test(`the right authority (${protocol})`, async () => {
      await assertReceived(protocol, 'own');
    });

    test(`a wrong authority (${protocol})`, async () => {
      const { spans, stderr } = await assertReceived(protocol, 'other');
      assert.ok(spans && (spans.lost ?? 0) > 0 && spans.delivered === 0, JSON.stringify(spans));
      assert.match(stderr, /spans were lost: .*(certificate|UNAVAILABLE|deadline)/i);
    });
  }

  test('an authority that cannot be read', async () => {
    await using folder = await temporaryFolder();
    const telemetry = { endpoint: 'https://127.0.0.1:1', caConfigMapRef: { name: 'authority', key: 'ca.crt' } };
    const run = await collectedRun(telemetry, [`configmap/authority=${folder.path}`]);
    assert.equal(run.status, 0, run.stderr);
    assert.match(run.stderr, /(no span was sent|spans were lost): /);
  });
});

/** An `ExportTraceServiceResponse` with its `partial_success` (rejected_spans = 1, error_message = 2). */
function partialSuccess(rejected: number, message: string): Buffer {
  const text = Buffer.from(message);
  const inner = Buffer.concat([Buffer.from([0x08, rejected, 0x12, text.length]), text]);
  return Buffer.concat([Buffer.from([0x0a, inner.length]), inner]);
}
