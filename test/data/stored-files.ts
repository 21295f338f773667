/** Files of transitions that others wrote: `make_files.py` did. */
import { join } from 'node:path'
import type { Transition } from '../../src/replay/transition.ts'

/** Where they are. */
export const STORED = join(import.meta.dirname, 'files')

export const STORED_FILES = [
  'minari.hdf5',
  'd4rl.hdf5',
  'stored.npz',
  'deflated.npz',
  'lists.parquet',
  'sized.parquet',
  'flat.parquet',
]

/** A transition in plain arrays. It stands alone: a page is given its text. */
export const plain = ({ observation, action, nextObservation, ...rest }: Transition): Transition => {
  const [from, taken, to] = [observation, action, nextObservation].map(vector => Array.from(vector))
  return { observation: from, action: taken, nextObservation: to, ...rest }
}
