import { DataError } from './data-error.ts'

/**
 * Loads a package that only one format needs.
 * @param entry what a web page imports for it to be in its bundle, if it is not there by itself
 * @throws DataError that says how to install it
 */
export async function loadPackage<T>(
  name: string,
  file: string,
  load: () => Promise<T>,
  entry?: string,
): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    const inPage = entry ? `, and in a web page also: import '${entry}'` : ''
    throw new DataError(`To read ${file}, the package ${name} is needed: npm install ${name}${inPage}`, {
      cause,
    })
  }
}
