import type { Evaluation } from '../../training/evaluate.ts'

/** Rounded, with thousands separators: `12,345`. */
export const formatCount = (value: number) => Math.round(value).toLocaleString('en-US')

/** `8 s`, `2 min 5 s` or `1 h 20 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/**
 * `mean return -150.2 ± 81.3 over 100 episodes`: mean and standard deviation; and how many of them did not end, and the
 * share that reached their goal, `success rate 96 %`.
 */
export function formatReturn({ mean, standardDeviation, returns, successRate, cutOff }: Evaluation): string {
  const episodes = `${returns.length} episode${returns.length === 1 ? '' : 's'}`
  const unfinished = cutOff === undefined ? '' : `, ${cutOff} of them cut off`
  const successes =
    successRate === undefined ? '' : `, success rate ${Number((100 * successRate).toFixed(1))} %`
  return `mean return ${mean.toFixed(1)} ± ${standardDeviation.toFixed(1)} over ${episodes}${unfinished}${successes}`
}

/** Says after how many steps episodes of an evaluation were cut off, and what to do about it. */
export const describeCutOff = ({ cutOff, returns, lengths }: Evaluation): string =>
  `note: ${cutOff} of ${returns.length} episodes of the evaluation did not end and were cut off after ` +
  `${formatCount(Math.max(...lengths))} steps. If the task has no end of its own, train with a --time-limit; ` +
  '--evaluation-steps sets where evaluations cut episodes off.'
