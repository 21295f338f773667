import { type RunStorage, requireFileName } from './run-storage.ts'

const FILES = 'files'

/**
 * Files in a database of the page, one for each run; every browser has it.
 * @param database its name; it is made if it is not there
 * @throws Error where there is no IndexedDB, or the browser does not let this page use it
 * @example
 * const storage = await openIndexedDbStorage('pendulum')
 * await storeRun(storage, { agent, training })
 */
export async function openIndexedDbStorage(database: string): Promise<RunStorage> {
  if (!globalThis.indexedDB) throw new Error('There is no IndexedDB here: it takes a browser.')
  const opening = indexedDB.open(database, 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore(FILES)
  const opened = await answerOf(opening)
  // So that another tab can delete the database or bring it to a later version.
  opened.onversionchange = () => opened.close()

  const inFiles = async <T>(
    mode: IDBTransactionMode,
    ask: (files: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> => {
    const transaction = opened.transaction(FILES, mode)
    const committed = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
    })
    const [answer] = await Promise.all([answerOf(ask(transaction.objectStore(FILES))), committed])
    return answer
  }

  return {
    async write(name, bytes) {
      requireFileName(name)
      // A view would be stored with all of the memory that it looks at.
      await inFiles('readwrite', files => files.put(bytes.slice(), name))
    },
    async read(name) {
      requireFileName(name)
      return inFiles<Uint8Array | undefined>('readonly', files => files.get(name))
    },
    list: async () => (await inFiles('readonly', files => files.getAllKeys())).map(String).sort(),
    async remove(name) {
      requireFileName(name)
      await inFiles('readwrite', files => files.delete(name))
    },
  }
}

const answerOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
