/** Nothing more can be done for a run as it was begun; the message says why. */
export class RunError extends Error {
  override name = 'RunError'
}

/** The run has begun anew. */
export class RunChangedError extends RunError {
  override name = 'RunChangedError'
}
