import type * as z from 'zod/mini'
import { environments } from '../../envs/environments.ts'
import { aboutOption, defaultOf } from '../../options.ts'
import { sacOptionsSchema } from '../../sac/options.ts'
import { presetFor } from '../../training/presets.ts'
import { trainingSchema } from '../settings.ts'
import type { SettingField } from './messages.ts'

/** What a form for a new run needs: every setting, from the schema of the command line, and the environments. */
export interface Fields {
  fields: SettingField[]
  environments: { id: string; summary: string; preset: Record<string, unknown> }[]
}

export const settingFields = (): Fields => ({
  fields: [...fieldsOf(trainingSchema, 'training'), ...fieldsOf(sacOptionsSchema, 'hyperparameters')],
  environments: environments().map(({ id, summary }) => {
    const { steps, options } = presetFor(id)
    return { id, summary, preset: { steps, ...options } }
  }),
})

const fieldsOf = (schema: z.ZodMiniObject, group: SettingField['group']): SettingField[] =>
  Object.entries(schema.shape).map(([name, type]) => ({
    name,
    ...aboutOption(type),
    preset: defaultOf(type),
    group,
  }))
