import { type RunStorage, requireFileName } from './run-storage.ts'

/**
 * Files in a folder of the page's origin-private file system: the place for large ones. Pages and workers of the same
 * origin see the same files.
 * @param folder its name, of the letters that a file's name may have; it is made if it is not there
 * @throws Error where the browser has no such file system, or does not give it to this page: it takes https or localhost
 * @example
 * const storage = await openOriginPrivateStorage('pendulum')
 * await storeRun(storage, { agent, training })
 */
export async function openOriginPrivateStorage(folder: string): Promise<RunStorage> {
  requireFileName(folder)
  if (!globalThis.navigator?.storage?.getDirectory) {
    throw new Error(
      'There is no origin-private file system here: it takes a browser, and a page from https or localhost. ' +
        'openIndexedDbStorage works in older browsers too.',
    )
  }
  const root = await navigator.storage.getDirectory()
  const directory = await root.getDirectoryHandle(folder, { create: true })
  return {
    async write(name, bytes) {
      requireFileName(name)
      const handle = await directory.getFileHandle(name, { create: true })
      // What is written takes the file's place when it is closed.
      const file = await handle.createWritable()
      try {
        await file.write(bytes as Uint8Array<ArrayBuffer>)
      } catch (error) {
        await file.abort()
        throw error
      }
      await file.close()
    },

    async read(name) {
      requireFileName(name)
      try {
        const file = await (await directory.getFileHandle(name)).getFile()
        // A file that was made but never closed is as good as none.
        return file.size === 0 ? undefined : new Uint8Array(await file.arrayBuffer())
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },

    async list() {
      const names: string[] = []
      for await (const [name, handle] of entriesOf(directory)) {
        if (handle.kind === 'file' && (await (handle as FileSystemFileHandle).getFile()).size > 0) {
          names.push(name)
        }
      }
      return names.sort()
    },

    async remove(name) {
      requireFileName(name)
      try {
        await directory.removeEntry(name)
      } catch (error) {
        if (!isMissing(error)) throw error
      }
    },
  }
}

const isMissing = (error: unknown) => (error as DOMException).name === 'NotFoundError'

/** TypeScript's types of the browser do not have it in every version. */
const entriesOf = (directory: FileSystemDirectoryHandle) =>
  (directory as unknown as { entries(): AsyncIterable<[name: string, handle: FileSystemHandle]> }).entries()
