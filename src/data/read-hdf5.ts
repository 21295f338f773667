import type hdf5Package from 'h5wasm'
import type { Dataset, File, Group } from 'h5wasm'
import { DataError } from './data-error.ts'
import { type Field, type FieldNames, fieldNames } from './fields.ts'
import { loadPackage } from './load-package.ts'
import { type DataFile, type DataSource, sourceOf } from './source.ts'
import { type Column, type Numbers, type RowReader, requireSameRows, rowsOf } from './table.ts'

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

/** The name is no literal: a bundler would ship 5.5 MB with every page, also where nothing ever asks for HDF5. */
let importPackage = (name = 'h5wasm'): Promise<{ default: typeof hdf5Package }> =>
  import(/* @vite-ignore */ /* webpackIgnore: true */ name)

/** Makes the package come from `load`, which a bundle can contain. `bundled-hdf5.ts` calls it. */
export function provideHdf5(load: typeof importPackage): void {
  importPackage = load
}

/** Distinguishes files that are open at the same time. */
let opened = 0

/**
 * Reads HDF5 as Minari writes it, a group `episode_<n>` for each episode with one observation more than actions; or as
 * D4RL does, with a data set for each field.
 */
export async function* readHdf5(file: DataFile): RowReader {
  const source = sourceOf(file)
  const start = await source.read(0, Math.min(SIGNATURE.length, source.size))
  if (!SIGNATURE.every((byte, i) => start[i] === byte)) throw new DataError(`${source.name} is no HDF5 file.`)
  const { open, release } = await mount(source)
  try {
    const root = guarded(source, open)
    const names = guarded(source, () => root.keys())
    const episodes = names
      .flatMap(name => /^episode_(\d+)$/.exec(name)?.[1] ?? [])
      .sort((a, b) => Number(a) - Number(b))
    if (episodes.length === 0) yield* readGroup(source, root)
    for (const number of episodes) yield* readEpisode(source, root, `episode_${number}`)
  } finally {
    release()
  }
}

/** Gives the library a file to read, of which only what it asks for is in memory where that is possible. */
async function mount(source: DataSource): Promise<{ open: () => File; release: () => void }> {
  const { default: hdf5 } = await loadPackage('h5wasm', source.name, importPackage, 'soft-actor-critic/hdf5')
  const { FS, activate_throwing_error_handler } = await hdf5.ready
  // Otherwise it prints what is wrong, and continues.
  activate_throwing_error_handler()
  const path = `/transitions-${++opened}.hdf5`
  const { readSync, size } = source
  if (readSync) {
    const node = (FS as unknown as FileSystem).createFile('/', path.slice(1), {}, true, false)
    Object.defineProperty(node, 'usedBytes', { get: () => size })
    node.stream_ops = {
      ...node.stream_ops,
      read(_stream, memory, offset, length, position) {
        const bytes = readSync(position, Math.min(position + length, size))
        memory.set(bytes, offset)
        return bytes.length
      },
    }
  } else FS.writeFile(path, await source.read(0, size))
  let file: File | undefined
  return {
    open() {
      file = new hdf5.File(path, 'r')
      return file
    },
    release() {
      file?.close()
      FS.unlink(path)
    },
  }
}

/** What Emscripten's file system has beyond its types (https://emscripten.org/docs/api_reference/Filesystem-API.html). */
interface FileSystem {
  createFile(
    parent: string,
    name: string,
    properties: object,
    canRead: boolean,
    canWrite: boolean,
  ): VirtualFile
}

interface VirtualFile {
  stream_ops: Record<string, unknown> & {
    read?(stream: unknown, memory: Int8Array, offset: number, length: number, position: number): number
  }
}

function guarded<T>({ name }: DataSource, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof DataError) throw cause
    const [reason] = (cause as Error).message.split('\n')
    throw new DataError(`${name} cannot be read as HDF5, or is cut off: ${reason}`, { cause })
  }
}

/** Fields with a row for each step. */
async function* readGroup(source: DataSource, group: Group): RowReader {
  const names = guarded(source, () => fieldNames(source.name, group.keys()))
  const sets = setsOf(source, source.name, group, names)
  const rows = requireSameRows(source.name, names, rowsIn(sets))
  yield* rowsOf({ names, rows, columns: columnsOf(source, sets) })
}

/** An episode of Minari: the next observation is the observation one row later, also after the last step. */
async function* readEpisode(source: DataSource, root: Group, episode: string): RowReader {
  const where = `${source.name}, ${episode}`
  const group = guarded(source, () => root.get(episode)) as Group
  const found = guarded(source, () => fieldNames(where, group.keys(), ['truncated', 'nextObservation']))
  const names = { ...found, nextObservation: found.observation }
  const sets = setsOf(source, where, group, names)
  const { observation, nextObservation: _, ...others } = rowsIn(sets)
  const rows = requireSameRows(where, names, others)
  if (observation !== rows + 1) {
    throw new DataError(
      `${where}: ${names.observation} has ${observation} rows, but ${names.action} has ${rows}; an episode has one ` +
        'observation more than actions, that after its last step.',
    )
  }
  const columns = columnsOf(source, sets, { nextObservation: 1 })
  for await (const block of rowsOf({ names, rows, columns })) {
    const named = block.rows.map(({ place, values }) => ({ place: `${episode}, row ${place}`, values }))
    yield { names, rows: named }
  }
}

type Sets = Partial<Record<Field, { set: Dataset; shape: number[] }>>

const rowsIn = (sets: Sets): Partial<Record<Field, number>> =>
  Object.fromEntries(Object.entries(sets).map(([field, { shape }]) => [field, shape[0]]))

function setsOf(source: DataSource, where: string, group: Group, names: FieldNames): Sets {
  return Object.fromEntries(
    Object.entries(names).map(([field, name]) => {
      const set = guarded(source, () => group.get(name)) as Dataset | Group | null
      const shape = set && 'shape' in set ? set.shape : undefined
      if (!shape?.length) {
        throw new DataError(
          `${where}: ${name} is not an array. Observations and actions of several parts (Dict or Tuple spaces) are not ` +
            'supported: flatten them into one array.',
        )
      }
      return [field, { set: set as Dataset, shape }]
    }),
  )
}

/** @param firsts rows with which columns begin; 0 by default */
function columnsOf(
  source: DataSource,
  sets: Sets,
  firsts: Partial<Record<Field, number>> = {},
): Partial<Record<Field, Column>> {
  return Object.fromEntries(
    (Object.entries(sets) as [Field, { set: Dataset; shape: number[] }][]).map(([field, { set, shape }]) => {
      const [, ...others] = shape
      const all = others.map((extent): [number, number] => [0, extent])
      let at = firsts[field] ?? 0
      const column: Column = {
        width: others.reduce((product, extent) => product * extent, 1),
        async next(rows) {
          const numbers = guarded(source, () => set.slice([[at, at + rows], ...all]))
          at += rows
          return numbers as Numbers
        },
      }
      return [field, column]
    }),
  )
}
