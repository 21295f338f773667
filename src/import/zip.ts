import { unzipSync } from 'fflate'
import { ModelFileError } from './model-file-error.ts'

/** More than any agent takes, and still harmless: what a file says of its own size is not to be trusted. */
const MOST_ENTRIES = 10_000
const MOST_BYTES = 2 ** 30

/**
 * The files in a zip archive, by path.
 *
 * @param what the archive, for messages
 * @param wanted which files to unpack; by default all
 * @throws ModelFileError for bytes that are no zip archive, cut off or damaged, and for sizes beyond reason
 */
export function unzip(
  bytes: Uint8Array,
  what: string,
  wanted: (path: string) => boolean = () => true,
): Map<string, Uint8Array> {
  let entries = 0
  let total = 0
  const sizes = new Map<string, number>()
  let files: Record<string, Uint8Array>
  try {
    files = unzipSync(bytes, {
      filter({ name, originalSize, size, compression }) {
        if (++entries > MOST_ENTRIES) throw new ModelFileError(`it has more than ${MOST_ENTRIES} files`)
        if (!wanted(name)) return false
        total += originalSize
        if (!(total <= MOST_BYTES)) throw new ModelFileError(`its files take more than ${MOST_BYTES} bytes`)
        if (compression === 0 && size !== originalSize) throw new ModelFileError(`${name} has two sizes`)
        sizes.set(name, originalSize)
        return true
      },
    })
  } catch (cause) {
    throw new ModelFileError(`${what} is not a zip archive that can be read: ${(cause as Error).message}.`, {
      cause,
    })
  }
  for (const [name, size] of sizes) {
    if (files[name]?.length !== size)
      throw new ModelFileError(`${what} is cut off: ${name} lacks some of its ${size} bytes.`)
  }
  return new Map(Object.entries(files))
}
