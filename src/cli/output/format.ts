import type { Evaluation } from '../../training/evaluate.ts'

/** Rounded, with thousands apart: `12,345`. */
export const formatCount = (value: number) => Math.round(value).toLocaleString('en-US')

/** `8 s`, `2 min 5 s` or `1 h 20 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** `mean return -150.2 ± 81.3 over 100 episodes`: mean and standard deviation. */
export function formatReturn({ mean, standardDeviation, returns }: Evaluation): string {
  const episodes = `${returns.length} episode${returns.length === 1 ? '' : 's'}`
  return `mean return ${mean.toFixed(1)} ± ${standardDeviation.toFixed(1)} over ${episodes}`
}
