import { stripTypeScriptTypes } from 'node:module';

/**
 * A source without its types. What is left stands on its own line and column, so that traces name the source's places;
 * imports and threads of our own name the `.js` beside them.
 */
export function javascript(source: string): string {
  return stripTypeScriptTypes(source).replace(/((?:from|import|import\(|new URL\() ?'\.{1,2}\/[^']+)\.ts'/g, "$1.js'");
}
