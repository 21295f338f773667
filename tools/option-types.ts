/** src/sac/option-types.ts: the options as interfaces, so that editors show what each one means. */
import { aboutOption } from '../src/options.ts'
import { OPTION_GROUPS, sacOptionsSchema } from '../src/sac/options.ts'
import { show, typeText } from './settings-types.ts'

const HEAD = `/**
 * The options as interfaces, each with its line of documentation, for editors and the reference. Made from the schema by
 * \`npm run options\`: change that instead.
 */
`

/** Options that some member does not have. */
const grouped: readonly string[] = Object.values(OPTION_GROUPS).flat()

export function optionTypes(): string {
  const names = Object.keys(sacOptionsSchema.shape) as (keyof typeof sacOptionsSchema.shape)[]
  const input = names.map(name => `${docOf(name)}\n  ${name}?: ${typeText(sacOptionsSchema.shape[name])}`)
  const complete = names.map(name => {
    const optional = grouped.includes(name) ? '?' : ''
    return `${docOf(name)}\n  ${name}${optional}: ${typeText(sacOptionsSchema.shape[name])}`
  })
  return `${HEAD}
/** Options as a user gives them: everything may be left out. Defaults are those of \`sac\`. */
export interface SacOptionsInput {
${input.join('\n')}
}

/** Options with every default of the member filled in; those that it does not have are missing. */
export interface SacOptions {
${complete.join('\n')}
}
`
}

/** One sentence or two in lines of at most 110 characters. */
function docOf(name: keyof typeof sacOptionsSchema.shape): string {
  const { description, allowed } = aboutOption(sacOptionsSchema.shape[name])
  const start = sacOptionsSchema.parse({})[name]
  const range = `${allowed[0].toUpperCase()}${allowed.slice(1)}.`
  const text = `${description.replace(/\.$/, '')}. ${range}${start === undefined ? '' : ` Default ${show(start)}.`}`
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1]
    if (line && line.length + word.length > 100) lines.push(word)
    else lines[lines.length - 1] = line ? `${line} ${word}` : word
  }
  if (lines.length === 1) return `  /** ${lines[0]} */`
  return `  /**\n${lines.map(line => `   * ${line}`).join('\n')}\n   */`
}
