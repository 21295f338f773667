import pc from 'picocolors'
import type { Diagnosis } from '../doctor/diagnose.ts'

/** What goes wrong and what to do about it, for people. */
export const describeDiagnosis = ({ problem, remedy }: Diagnosis): string =>
  `${pc.yellow('doctor:')} ${problem}\n  What to do: ${remedy}`
