import { z } from 'zod';
import { objectName, relativePath, sha256, text, url } from './values.ts';

/** A Secret in the experiment's namespace. */
export const secretRefSchema = z.strictObject({
  name: objectName().describe('Name of the Secret.'),
});

/** One key of a ConfigMap in the experiment's namespace. */
export const configMapKeyRefSchema = z.strictObject({
  name: objectName().describe('Name of the ConfigMap.'),
  key: text(253, /^[-._a-zA-Z0-9]+$/, 'letters, digits, "-", "_" and "."').describe('The key whose value is used.'),
});

/** A claim in the experiment's namespace. */
export const claimSchema = z.strictObject({
  claimName: objectName().describe('Name of the PersistentVolumeClaim.'),
});

/** A file or folder in a claim. */
export const claimPathSchema = claimSchema.extend({
  path: relativePath().describe('Path inside the volume.'),
});

/** A file on the web with the digest that it must have. */
export const downloadSchema = z.strictObject({
  url: url().describe('Where the file is.'),
  sha256: sha256().describe('SHA-256 digest of the file; a file that differs is refused.'),
});

/** A path on the machine that runs the experiment. */
export function localPath() {
  return text(4096, /^[^\0]+$/, 'a path');
}
