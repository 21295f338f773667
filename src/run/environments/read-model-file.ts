import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import type { ModelFile } from '../../envs/mujoco/model-file.ts'
import { UsageError } from '../usage-error.ts'

/**
 * Reads a model of MuJoCo and all the files that it names: included XML, meshes, textures, height fields.
 * @param path of its XML file
 * @throws UsageError if one of them cannot be read
 */
export function readModelFile(path: string): ModelFile {
  const folder = dirname(path)
  const xml = new TextDecoder().decode(read(path, path))
  const files: Record<string, Uint8Array> = {}
  const pending = [xml]
  for (let text = pending.pop(); text !== undefined; text = pending.pop()) {
    const folders = ['', ...attributesOf(text, /(?:asset|mesh|texture)dir/)]
    for (const name of attributesOf(text, /file\w*/)) {
      const places = folders.map(inner => normalize(join(inner, name)))
      const place = places.find(candidate => existsSync(join(folder, candidate))) ?? places[0]
      if (Object.hasOwn(files, place)) continue
      files[place] = read(join(folder, place), path)
      if (/\.(xml|mjcf)$/i.test(place)) pending.push(new TextDecoder().decode(files[place]))
    }
  }
  return { name: path, xml, files }
}

const attributesOf = (xml: string, name: RegExp): string[] =>
  [
    ...xml
      .replace(/<!--.*?-->/gs, '')
      .matchAll(new RegExp(`\\s${name.source}\\s*=\\s*["']([^"']+)["']`, 'g')),
  ].map(match => match[1])

function read(path: string, model: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new UsageError(`The model ${model} cannot be read: ${(cause as Error).message}.`, { cause })
  }
}
