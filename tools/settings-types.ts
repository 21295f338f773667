/**
 * Types of the settings of runs and of the options of built-in environments, each with its line of documentation and its
 * default, made of what checks them. `npm run options` writes them; a test compares them.
 */
import * as z from 'zod/mini'
import type { EnvEntry } from '../src/envs/entry.ts'
import { environments } from '../src/envs/environments.ts'
import { formatValue } from '../src/option-text.ts'
import { aboutOption, defaultOf } from '../src/options.ts'
import { trainingSchema } from '../src/run/settings.ts'

const NOTE = '// Made by tools/settings-types.ts: change the schema, then run `npm run options`.\n'

/** The files by their paths from the root. */
export const settingsTypes = (): Record<string, string> => ({
  'src/run/training-settings-input.ts': typeFile(
    'TrainingSettingsInput',
    'Settings of a run other than the hyperparameters and the environment, as a user gives them.',
    trainingSchema,
  ),
  'src/envs/environment-options.ts': environmentFile(environments()),
})

function typeFile(name: string, about: string, schema: z.ZodMiniObject): string {
  const lines = Object.entries(schema.shape).flatMap(([option, type]) => {
    const { description, allowed } = aboutOption(type)
    const optional = type._zod.optin ? '?' : ''
    // Types of literals say themselves what is allowed.
    const range = /\b(number|string)\b/.test(typeText(type)) ? inCode(allowed) : ''
    const sentences = [description, range, defaultText(type)].filter(Boolean).map(sentence)
    return [`  /** ${sentences.join(' ')} */`, `  ${option}${optional}: ${typeText(type)}`]
  })
  return `${NOTE}\n/** ${about} */\nexport type ${name} = {\n${lines.join('\n')}\n}\n`
}

/** Lists as code has them, not flags. */
const inCode = (text: string) => text.replace(/\d+(?:,\d+)+/g, list => `[${list.replaceAll(',', ', ')}]`)

const sentence = (text: string) => {
  const capital = /^[a-z]+( |$)/.test(text) ? text[0].toUpperCase() + text.slice(1) : text
  return /[.]$/.test(capital) ? capital : `${capital}.`
}

const defaultText = (type: z.core.$ZodType): string =>
  type instanceof z.ZodMiniDefault ? `Default ${show(defaultOf(type))}` : ''

/** A value as code has it. */
export const show = (value: unknown) => (typeof value === 'string' ? `'${value}'` : formatList(value))
const formatList = (value: unknown) => (Array.isArray(value) ? `[${value.join(', ')}]` : formatValue(value))

/** What TypeScript calls a type of zod. */
export function typeText(type: z.core.$ZodType): string {
  if (type instanceof z.ZodMiniDefault || type instanceof z.ZodMiniOptional)
    return typeText(type.def.innerType)
  if (type instanceof z.ZodMiniUnion) return type.def.options.map(typeText).join(' | ')
  if (type instanceof z.ZodMiniEnum) return type.options.map(name => `'${name}'`).join(' | ')
  if (type instanceof z.ZodMiniLiteral) return type.def.values.map(show).join(' | ')
  if (type instanceof z.ZodMiniArray) return `${typeText(type.def.element)}[]`
  if (type instanceof z.ZodMiniNumber) return 'number'
  if (type instanceof z.ZodMiniBoolean) return 'boolean'
  if (type instanceof z.ZodMiniString) return 'string'
  throw new Error(`There is no text yet for the type ${type._zod.def.type}.`)
}

/** The command line takes its path. */
const MODEL = 'A model of your own in MJCF (default: that of the task)'

function environmentFile(entries: EnvEntry[]): string {
  const types = entries.map(({ id, summary, options = {} }) => {
    const lines = Object.entries({ ...options, ...('xmlFile' in options && { xmlFile: MODEL }) }).flatMap(
      ([name, about]) => [
        `    /** ${sentence(about[0].toUpperCase() + about.slice(1))} */`,
        `    ${name}?: ${about === MODEL ? 'MujocoModel' : typeOfDefault(about)}`,
      ],
    )
    const table = lines.length > 0 ? `{\n${lines.join('\n')}\n  }` : 'NoOptions'
    return `  /** ${sentence(summary)} */\n  '${id}': ${table}`
  })
  const about = `/**
 * What \`makeEnv\` takes for each of the built-in environments. Add your own by declaring the interface once more, in
 * \`declare module 'soft-actor-critic'\`.
 */`
  const before =
    "import type { MujocoModel } from './mujoco/model-file.ts'\n\n/** No options. */\nexport type NoOptions = { [Name in never]: never }\n"
  return `${NOTE}${before}\n${about}\nexport interface EnvironmentOptions {\n${types.join('\n')}\n}\n`
}

/** The type of an option whose text ends in its default. */
function typeOfDefault(about: string): string {
  const [, value] = /\(default:? (.*)\)$/.exec(about) ?? []
  if (value === undefined) throw new Error(`The option does not say its default: ${about}`)
  if (/^(true|false)$/.test(value)) return 'boolean'
  if (/^\[.*\]$/.test(value)) return 'readonly [low: number, high: number]'
  return Number.isNaN(Number(value)) ? 'string' : 'number'
}
