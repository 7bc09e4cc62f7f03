import { formatProblem, type Problem } from '../../api/manifest/problem.ts';

/** The manifest asks for pods that cannot be made; `checkPods` says the same without throwing. */
export class PodShapeInvalid extends Error {
  readonly code = 'InvalidSpec';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'PodShapeInvalid';
    this.problems = problems;
  }
}
