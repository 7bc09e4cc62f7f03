import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseManifest } from '../api/manifest/parse.ts';
import { locateModel, resolveManifest, sourcePath } from './resolve.ts';

const places = { folder: '/manifests', binds: { 'pvc/data': '/disk' }, cacheFolder: '/cache' };

test('paths start at the manifest, claims at what they are bound to', () => {
  assert.equal(sourcePath({ file: 'a/b.onnx' }, places), '/manifests/a/b.onnx');
  assert.equal(sourcePath({ file: '/x.onnx' }, places), '/x.onnx');
  assert.equal(
    sourcePath({ persistentVolumeClaim: { claimName: 'data', path: 'm/x.onnx' } }, places),
    '/disk/m/x.onnx',
  );
  assert.equal(sourcePath({ persistentVolumeClaim: { claimName: 'other', path: 'x' } }, places), null);
  assert.equal(sourcePath({}, places), null);
});

function resolved(spec: Record<string, unknown>) {
  const manifest = { apiVersion: 'splitlab.dev/v1alpha1', kind: 'SplitExperiment', metadata: { name: 'x' }, spec };
  const parsed = parseManifest(JSON.stringify(manifest), 'test');
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return resolveManifest(parsed.manifest).spec;
}

test('a network of the zoo brings its sample and is a classifier, another model takes random inputs', () => {
  const zoo = resolved({ model: { zoo: 'DigitsCnn' } });
  assert.deepEqual([zoo.input.sample, zoo.output.decode], ['Digits', 'Classification']);
  const own = resolved({ model: { file: 'x.onnx' } });
  assert.deepEqual([own.input.random, own.output.decode], [{ seed: 1 }, 'None']);
});

test('what the manifest says stays', () => {
  const spec = resolved({ model: { zoo: 'DigitsCnn' }, input: { random: { seed: 7 } }, output: { decode: 'None' } });
  assert.deepEqual([spec.input.sample, spec.input.random, spec.output.decode], [undefined, { seed: 7 }, 'None']);
});

test('a trained network is found with its digest', async () => {
  const { name, digest, weights } = await locateModel(resolved({ model: { zoo: 'DigitsCnn' } }), places);
  assert.deepEqual([name, weights], ['DigitsCnn', 'Trained']);
  assert.match(digest, /^sha256:[0-9a-f]{64}$/);
});
