import type { Arithmetic } from '../arithmetic.ts'

/** Every kind of output that an actor may have. An action is a tanh; the first column of the output is always mu. */
export const HEADS = {
  /** mu and log sigma of a Gaussian, whose samples go through the tanh. */
  gaussian: { columns: 2, isSampled: true },
  /** mu alone: one action for each observation. */
  deterministic: { columns: 1, isSampled: false },
} as const

export type Head = keyof typeof HEADS

/** Range of log sigma: wide enough never to matter, narrow enough that sigma and 1 / sigma stay finite. */
const LOG_SIGMA_MIN = -20
const LOG_SIGMA_MAX = 2

/** log sigma as it counts, from the actor's second column. */
export const logSigma = <T>({ clamp }: Arithmetic<T>, output: T): T =>
  clamp(output, LOG_SIGMA_MIN, LOG_SIGMA_MAX)

/** u = mu + sigma xi with standard normal xi; the sampled action is its tanh. */
export const gaussianSample = <T>({ add, mul, exp }: Arithmetic<T>, mu: T, logSigma: T, xi: T): T =>
  add(mu, mul(exp(logSigma), xi))
