import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { DataSource } from '../data/source.ts'
import { UsageError } from './usage-error.ts'

/** Where a data set of Minari, which is a folder, has its transitions. */
const IN_MINARI = join('data', 'main_data.hdf5')

/**
 * A file of transitions on disk, for `readTransitions`: only what is asked for is in memory.
 * @param path of a file, or of the folder of a data set of Minari
 * @throws UsageError if there is no such file
 * @example
 * const count = await agent.learnFrom(readTransitions(openTransitions('demo.npz'), agent))
 */
export function openTransitions(path: string): DataSource {
  const minari = join(path, IN_MINARI)
  const name = existsSync(minari) ? minari : path
  const stats = statSync(name, { throwIfNoEntry: false })
  if (!stats?.isFile()) {
    throw new UsageError(`There is no file of transitions ${path}${stats ? `, nor ${minari}` : ''}.`)
  }
  function readPart(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - start)
    // Opened each time, so that there is nothing to close at the end.
    const descriptor = openSync(name, 'r')
    try {
      let have = 0
      while (have < bytes.length) {
        const count = readSync(descriptor, bytes, have, bytes.length - have, start + have)
        if (count === 0) throw new UsageError(`${name} has become shorter while it was read.`)
        have += count
      }
    } finally {
      closeSync(descriptor)
    }
    return bytes
  }
  return { name, size: stats.size, read: async (start, end) => readPart(start, end), readSync: readPart }
}
