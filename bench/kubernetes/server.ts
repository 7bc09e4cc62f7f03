import { answerJson, answerList, openWatch, pod } from '../../operator/runtime/testing/answers.ts';
import { isWatch, TestApiServer } from '../../operator/runtime/testing/api-server.ts';
import { loopbackCertificate } from '../../test/support/loopback-certificate.ts';
import { realisticPod } from './objects.ts';

/** A server in a process of its own: lists `objects` pods, then streams `events` changes of them as fast as they are read. */
const [objects = 0, events = 0] = process.argv.slice(2).map(Number);
const certificate = await loopbackCertificate();
const batch = 50;
const place = '"resourceVersion":"';
/** Changes of all objects as JSON, in front of and behind their version: the server is not to be what is measured. */
const changes = Array.from({ length: objects }, (_, i) => {
  const [before = '', after = ''] = JSON.stringify({ type: 'MODIFIED', object: realisticPod(i, 0) }).split(`${place}0`);
  return { before: before + place, after: `${after}\n` };
});
function changeLine(i: number): string {
  const { before, after } = changes[i % objects] ?? { before: '', after: '' };
  return `${before}${objects + 1 + i}${after}`;
}

let connectionsBefore = 0;
const server = await TestApiServer.start(certificate, async (exchange) => {
  const { path, query, response } = exchange;
  // What a bench asks between its parts: how many connections were opened since it last asked.
  if (path === '/connections') {
    answerJson(response, 200, { connections: server.connections - connectionsBefore });
    connectionsBefore = server.connections;
  } else if (isWatch(exchange)) {
    openWatch(response);
    for (let i = 0; i < events; i += batch) {
      const lines = Array.from({ length: batch }, (_, j) => changeLine(i + j)).join('');
      if (!response.write(lines)) await new Promise((resolve) => response.once('drain', resolve));
    }
  } else if (path.endsWith('/pods')) {
    const from = Number(query.get('continue') ?? 0);
    const to = Math.min(from + (Number(query.get('limit')) || objects), objects);
    const items = Array.from({ length: to - from }, (_, i) => realisticPod(from + i, from + i + 1));
    answerList(response, items, objects, to < objects ? String(to) : undefined);
  } else answerJson(response, 200, pod('one', 1));
});
process.send?.({ url: server.url.href, ca: certificate.ca.toString() });
process.once('disconnect', () => process.exit(0));
