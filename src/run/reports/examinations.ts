import type { ExaminationLine } from '../metrics.ts'

/** A problem that a run had, and has no more. */
export interface GoneProblem {
  /** Which it is. */
  kind: string
  /** The step at which the doctor first saw it. */
  step: number
  /** What was seen then. */
  problem: string
  /** The step at which it was gone. */
  until: number
}

/**
 * The problems of a run that are gone, by the doctor's examinations; those that are still there are the diagnoses of the
 * last of these.
 * @example
 * const { examinations } = readMetrics('runs/Pendulum-v1-seed1')
 * const present = examinations.at(-1)?.diagnoses ?? []
 * const gone = goneProblems(examinations)
 */
export function goneProblems(examinations: readonly ExaminationLine[]): GoneProblem[] {
  const gone: GoneProblem[] = []
  const present = new Map<string, { step: number; problem: string }>()
  for (const { step, diagnoses } of examinations) {
    for (const [kind, line] of present) {
      if (diagnoses.some(diagnosis => diagnosis.kind === kind)) continue
      present.delete(kind)
      gone.push({ kind, ...line, until: step })
    }
    for (const { kind, problem } of diagnoses) {
      if (!present.has(kind)) present.set(kind, { step, problem })
    }
  }
  return gone
}
