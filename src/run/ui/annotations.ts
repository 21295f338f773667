/** What somebody has written about a run, `notes.json` in its directory: it moves and goes away with the run. */
import { join } from 'node:path'
import * as z from 'zod'
import { UsageError } from '../usage-error.ts'
import { writeFileAtomically } from '../write-file.ts'
import { readRegularFile } from './inside.ts'

const FILE = 'notes.json'
const MOST_BYTES = 1 << 20

const schema = z.object({
  note: z.string().max(10_000).default(''),
  tags: z.array(z.string().trim().min(1).max(60)).max(50).default([]),
  archived: z.boolean().default(false),
})

/** Tags, a note, and whether the run is hidden from the table. */
export type Annotations = z.output<typeof schema>

/** Those of a run; a file that cannot be read counts as none. */
export function readAnnotations(directory: string): Annotations {
  try {
    const text = readRegularFile(join(directory, FILE), MOST_BYTES)?.toString()
    return schema.parse(text === undefined ? {} : JSON.parse(text))
  } catch {
    return schema.parse({})
  }
}

/**
 * Changes some of them.
 * @throws UsageError for a value of another kind, a note of over 10,000 characters, over 50 tags or one of over 60
 * @throws WriteError if the file cannot be written
 */
export function annotate(directory: string, changes: unknown): Annotations {
  const result = schema.partial().strict().safeParse(changes)
  if (!result.success) throw new UsageError(`The note cannot be saved: ${z.prettifyError(result.error)}`)
  const annotations = { ...readAnnotations(directory), ...defined(changes as object, result.data) }
  annotations.tags = [...new Set(annotations.tags)]
  writeFileAtomically(join(directory, FILE), `${JSON.stringify(annotations, null, 2)}\n`)
  return annotations
}

/** Only what was named: the schema fills in defaults for the rest. */
const defined = (named: object, parsed: Partial<Annotations>) =>
  Object.fromEntries(Object.entries(parsed).filter(([name]) => Object.hasOwn(named, name)))
