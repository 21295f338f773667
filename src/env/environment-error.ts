/** The environment threw, or answered with something that no learner can use. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError'
}
