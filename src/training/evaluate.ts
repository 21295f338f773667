/** Result of running a policy for whole episodes. */
export interface Evaluation {
  /** Mean of `returns`. */
  mean: number
  /** Standard deviation of `returns` (over the population: divided by the number of episodes). */
  standardDeviation: number
  /** Undiscounted return of every episode. */
  returns: number[]
  /** Length of every episode in steps. */
  lengths: number[]
}
