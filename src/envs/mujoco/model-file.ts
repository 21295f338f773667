import type { Model, Mujoco } from './bindings.ts'
import { type ModelDefinition, toMjcf } from './mjcf.ts'

/** A model of the user's own in MJCF, with the files that it names. */
export interface MujocoModel {
  /** For messages, such as its path. Default: the name of the option. */
  name?: string
  /** Its text in MJCF. */
  xml: string
  /** Included files, meshes, textures and the like, under the paths by which the XML leads to them. */
  files?: Record<string, Uint8Array>
}

/** Such a model that has a name. */
export interface ModelFile extends MujocoModel {
  name: string
}

export type AnyModel = ModelDefinition | ModelFile

export const isModelFile = (model: AnyModel): model is ModelFile => 'xml' in model

/**
 * Takes the option `xmlFile` for a model.
 * @throws TypeError for anything else than a `MujocoModel`
 */
export function modelFileFrom(xmlFile: unknown): ModelFile | undefined {
  if (xmlFile === undefined) return undefined
  if (typeof (xmlFile as ModelFile | null)?.xml === 'string')
    return { ...(xmlFile as ModelFile), name: (xmlFile as ModelFile).name ?? 'xmlFile' }
  throw new TypeError(
    `xmlFile is ${JSON.stringify(xmlFile)}: it must be { xml, files }, the text of a model and the bytes of the files it ` +
      'names; only the command line reads them from a path',
  )
}

/**
 * Compiles a model. Unstable states are left to be seen, as they are with our own models.
 * @throws TypeError with MuJoCo's reason if it is a file's and not well-formed
 */
export function compileModel(mujoco: Mujoco, model: AnyModel): Model {
  if (!isModelFile(model)) return mujoco.MjModel.from_xml_string(toMjcf(model))
  const files = new mujoco.MjVFS()
  try {
    for (const [path, bytes] of Object.entries(model.files ?? {})) files.addBuffer(path, bytes)
    const compiled = mujoco.MjModel.from_xml_string(model.xml, files)
    const { opt } = compiled
    opt.disableflags |= mujoco.mjtDisableBit.mjDSBL_AUTORESET.value
    opt.delete()
    return compiled
  } catch (cause) {
    const reason = (cause as Error).message
      .replace(/^MuJoCo Error: (Loading error: )?/, '')
      .trim()
      .replace(/\s*\n\s*/g, ', ')
    throw new TypeError(`the model ${model.name} cannot be used: ${reason}`, { cause })
  } finally {
    files.delete()
  }
}
