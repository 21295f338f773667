import { DataError } from './data-error.ts'

/**
 * Loads a package that only one format needs.
 * @throws DataError that says how to install it
 */
export async function loadPackage<T>(name: string, file: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new DataError(`To read ${file}, the package ${name} is needed: npm install ${name}`, { cause })
  }
}
