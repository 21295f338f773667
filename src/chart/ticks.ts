/**
 * Round numbers at equal distances, 1, 2 or 5 times a power of ten, that divide the range from `low` to `high` into
 * about `count` parts; `low` may equal `high`.
 *
 * @returns all of them within the range
 */
export function ticks(low: number, high: number, count: number): number[] {
  const step = tickStep(low, high, count)
  return multiples(step, Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9))
}

/** The same, with one more at each end that is no tick itself, so that they enclose the range; at least two. */
export function ticksAround(low: number, high: number, count: number): number[] {
  const step = tickStep(low, high, count)
  const first = Math.floor(low / step + 1e-9)
  const last = Math.ceil(high / step - 1e-9)
  return first === last ? multiples(step, first - 1, last + 1) : multiples(step, first, last)
}

const multiples = (step: number, first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step)

function tickStep(low: number, high: number, count: number): number {
  const rough = (high > low ? high - low : Math.max(Math.abs(low), 1)) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find(candidate => candidate * power >= rough * 0.999) ?? 10
  return factor * power
}

/** Ticks as texts, all with the same unit (none, thousands or millions) and enough decimals to distinguish them. */
export function tickLabels(values: readonly number[]): string[] {
  const largest = Math.max(...values.map(Math.abs))
  const step = values.length > 1 ? values[1] - values[0] : largest || 1
  const [unit, suffix] = largest >= 1e6 ? [1e6, 'M'] : largest >= 1e4 ? [1e3, 'k'] : [1, '']
  const decimals = Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9))
  return values.map(value => {
    const text = (value / unit).toFixed(decimals).replace(/^-/, '\u2212')
    return Math.abs(value) < step / 2 ? '0' : `${text}${suffix}`
  })
}
