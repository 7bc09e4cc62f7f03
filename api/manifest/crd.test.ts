import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crdSchema } from './crd.ts';
import { schemaAt } from './schema-tree.ts';
import { structuralBreaches } from './structural.ts';

const served = ['apiVersion', 'kind', 'metadata'];

test('the manifest is a structural schema with bounds, list types and descriptions everywhere', () => {
  assert.deepEqual(structuralBreaches(crdSchema(), { open: ['template'], served }), []);
});

test('a schema of this size is far below what an API server stores', () => {
  assert.ok(JSON.stringify(crdSchema()).length < 256 * 1024);
});

test('rules and list types reach the CRD', () => {
  const at = (...path: string[]) => schemaAt(crdSchema(), ['spec', ...path]);
  assert.equal(at('links')?.['x-kubernetes-list-type'], 'map');
  assert.deepEqual(at('links')?.['x-kubernetes-list-map-keys'], ['name']);
  assert.equal(at('objectives')?.['x-kubernetes-list-type'], 'set');
  assert.deepEqual(at('model')?.['x-kubernetes-validations'], [
    {
      rule: '[has(self.zoo), has(self.http), has(self.persistentVolumeClaim), has(self.image), has(self.file)].exists_one(present, present)',
      message: 'write exactly one of zoo, http, persistentVolumeClaim, image, file',
    },
    {
      rule: '!has(self.file)',
      message: 'file is for local runs; in a cluster use http, persistentVolumeClaim or image',
    },
  ]);
  assert.equal(at('local', 'template')?.['x-kubernetes-preserve-unknown-fields'], true);
});

test('defaults reach the CRD', () => {
  const measurement = schemaAt(crdSchema(), ['spec', 'measurement']);
  assert.deepEqual(measurement?.default, {});
  assert.equal(measurement?.properties?.timeLimit?.default, '5m');
  assert.equal(schemaAt(crdSchema(), ['spec', 'links', 0, 'profile', 'transport'])?.default, 'Tcp');
});
