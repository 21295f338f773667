import type { Diagnosis } from '../../doctor/diagnose.ts'
import { printable } from '../../printable.ts'
import { coloursFor } from './colours.ts'

const { yellow } = coloursFor(process.stdout)

/** What goes wrong and what to do about it, for people. */
export const describeDiagnosis = ({ problem, remedy }: Diagnosis): string =>
  `${yellow('doctor:')} ${printable(problem)}\n  What to do: ${printable(remedy)}`
