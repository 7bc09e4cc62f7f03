import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

const refused = {
  'api/a.ts': '../worker/tensor.ts',
  'api/plan/b.ts': '../../store/store.ts',
  'api/c.test.ts': '../test/support/nats.ts',
  'store/d.ts': '../worker/tensor.ts',
  'store/e.test.ts': '../cli/io.ts',
  'worker/f.ts': '../cli/io.ts',
  'worker/local/g.test.ts': '../../cli/io.ts',
  'worker/h.ts': '../test/support/nats.ts',
  'cli/i.ts': '../test/support/nats.ts',
  'operator/n.ts': '../worker/tensor.ts',
  'operator/web/o.test.ts': '../../cli/io.ts',
  'worker/p.ts': '../images/files.ts',
  'crds/q.ts': '../test/cluster/testing.ts',
  'crds/cases/r.ts': '../../operator/config.ts',
  'images/s.ts': '../api/version.ts',
  'manifests/t.ts': '../operator/config.ts',
  'docs/reference/u.ts': '../../crds/definition.ts',
  'meters/v.ts': '../store/store.ts',
  'meters/w.test.ts': '../worker/tensor.ts',
  'store/x.ts': '../meters/registry.ts',
  'api/telemetry/y.ts': '../../meters/registry.ts',
};
const allowed = {
  'store/j.ts': '../api/subjects.ts',
  'worker/k.ts': '../store/store.ts',
  'worker/l.test.ts': '../test/support/nats.ts',
  'cli/run/m.ts': '../../worker/tensor.ts',
  'operator/web/testing/v.ts': '../../../store/store.ts',
  'crds/cases/w.ts': '../../test/cluster/testing.ts',
  'manifests/x.ts': '../crds/definition.ts',
  'docs/reference/y.ts': '../../api/manifest/spec.ts',
  'worker/z.ts': '../meters/registry.ts',
  'operator/metrics/aa.ts': '../../meters/registry.ts',
  'meters/bb.test.ts': '../test/support/otlp.ts',
};

// Of two overrides for one file the later one replaces the earlier: a new one can void a rule unseen.
test('the linter holds that imports point one way', async (context) => {
  const root = join(import.meta.dirname, '..');
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'splitlab-imports-')));
  context.after(() => rm(folder, { recursive: true }));
  await copyFile(join(root, 'biome.json'), join(folder, 'biome.json'));
  for (const [file, imported] of Object.entries({ ...refused, ...allowed })) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `import '${imported}';\n`);
  }
  const rule = '--only=style/noRestrictedImports';
  const args = ['lint', rule, '--reporter=github', '--vcs-enabled=false', '--max-diagnostics=none', '.'];
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/biome'), args, { cwd: folder, encoding: 'utf8' });
  const found = [...stdout.matchAll(/noRestrictedImports,file=([^,]+),/g)].map(([, file = '']) =>
    relative(folder, file),
  );
  assert.deepEqual(found.sort(), Object.keys(refused).sort(), stdout);
});
