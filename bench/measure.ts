import type { Bench } from 'tinybench'

/** One line of the table: what was measured, and what it should reach. */
export interface Row {
  what: string
  value: number
  unit: string
  /** For people: `at least 150`. */
  reach?: string
  reached?: boolean
  /** The best round, where `value` is the median of several. */
  best?: number
  /** Additional figures for the JSON file. */
  detail?: unknown
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

export const atLeast = (bound: number, value: number) => ({
  reach: `at least ${bound}`,
  reached: value >= bound,
})
export const atMost = (bound: number, value: number) => ({
  reach: `at most ${bound}`,
  reached: value <= bound,
})

/** Processor time so far in s: what other processes take of a shared machine is left out. */
export function processorSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Runs `step` for about `seconds` and gives how often it ran a second. */
export async function rate(step: () => unknown, seconds: number): Promise<number> {
  const start = performance.now()
  let count = 0
  for (;;) {
    await step()
    count++
    const elapsed = (performance.now() - start) / 1000
    if (elapsed >= seconds) return count / elapsed
  }
}

/** How often a step ran a second: the median over rounds, and the best round, the one disturbed least. */
export interface Rate {
  median: number
  best: number
}

/** Rates of several steps, measured in turn (A B C A B C ...): machines are shared, and drift hits all alike. */
export async function pairedRates(
  steps: readonly (() => unknown)[],
  rounds = 9,
  seconds = 0.5,
): Promise<Rate[]> {
  for (const step of steps) await rate(step, seconds / 2)
  const rates: number[][] = steps.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [i, step] of steps.entries()) rates[i].push(await rate(step, seconds))
  }
  return rates.map(values => ({ median: median(values), best: Math.max(...values) }))
}

/** Median time of the one task of a benchmark, in microseconds. */
export async function medianMicroseconds(bench: Bench): Promise<number> {
  const [task] = await bench.run()
  const { result } = task
  if (result.state !== 'completed') throw new Error(`the measurement ended in state ${result.state}`)
  return result.latency.p50 * 1000
}
