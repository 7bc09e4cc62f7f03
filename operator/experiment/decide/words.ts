import type { Results } from './observed.ts';

/** How an experiment ended, in a sentence. */
export function formatProgress({ visits, figures }: Results): string {
  const { completed, rejected, failed } = visits;
  const counts = [
    `${completed} visits accepted`,
    ...(rejected > 0 ? [`${rejected} rejected`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(', ');
  if (figures.bestCut === undefined) return counts;
  const link = figures.link === undefined ? '' : ` over link ${figures.link}`;
  const trace = figures.bestTrace === undefined ? '' : `, trace ${figures.bestTrace}`;
  return `${counts}; best ${figures.bestCut} with a median of ${figures.latencyP50}${link}${trace}`;
}
