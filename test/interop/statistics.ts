/**
 * Probability that the means of two samples differ at least as much as they do if the true ones are equal:
 * Welch's test, with the normal distribution for Student's, which for 200 numbers each it is close to.
 */
export function compareMeans(a: readonly number[], b: readonly number[]): number {
  const [first, second] = [moments(a), moments(b)]
  const error = Math.sqrt(first.variance / a.length + second.variance / b.length)
  const difference = Math.abs(first.mean - second.mean)
  if (error === 0) return difference === 0 ? 1 : 0
  return 2 * normalTail(difference / error)
}

/**
 * Probability that two samples of one distribution differ at least as much as these do: the two-sample
 * Kolmogorov-Smirnov test, by its limit for large samples. It errs towards 1 where values are equal.
 */
export function compareDistributions(a: readonly number[], b: readonly number[]): number {
  const values = [
    ...a.map(value => ({ value, step: 1 / a.length })),
    ...b.map(value => ({ value, step: -1 / b.length })),
  ]
  values.sort((x, y) => x.value - y.value)
  let sum = 0
  let largest = 0
  values.forEach(({ value, step }, i) => {
    sum += step
    if (value !== values[i + 1]?.value) largest = Math.max(largest, Math.abs(sum))
  })
  const lambda = largest * Math.sqrt((a.length * b.length) / (a.length + b.length))
  // The series converges slowly for small lambda, where its sum is 1 to any precision wanted.
  if (lambda < 0.3) return 1
  let p = 0
  for (let k = 1; k <= 50; k++) p += 2 * (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * lambda * lambda)
  return p
}

function moments(sample: readonly number[]): { mean: number; variance: number } {
  const mean = sample.reduce((sum, x) => sum + x, 0) / sample.length
  const variance = sample.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (sample.length - 1)
  return { mean, variance }
}

/** P(Z > z) for z >= 0: the continued fraction of Laplace, and near 0 the integral by Simpson's rule. */
function normalTail(z: number): number {
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
  if (z > 3) {
    let fraction = z
    for (let k = 60; k >= 1; k--) fraction = z + k / fraction
    return density(z) / fraction
  }
  const n = 200
  let integral = density(0) + density(z)
  for (let i = 1; i < n; i++) integral += (i % 2 === 1 ? 4 : 2) * density((z * i) / n)
  return 0.5 - (integral * z) / (3 * n)
}
