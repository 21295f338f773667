import { createRequire } from 'node:module'
import { Option } from '@commander-js/extra-typings'
import type { ScalarTag } from 'yaml'
import { parseValue } from '../../option-text.ts'
import { UsageError } from '../../run/usage-error.ts'

/** The flag `--env-option`, whose values come together in one table. */
export const envOptionFlag = () =>
  new Option(
    '--env-option <name=value>',
    "a setting of the environment: a number, text, null, or as YAML writes lists and tables, such as '[0.3, 1]'; may be given " +
      'several times',
  ).argParser(addPair)

function addPair(text: string, pairs: Record<string, unknown> = {}): Record<string, unknown> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined) throw new UsageError(`--env-option is '${text}'; it must be a name, = and a value.`)
  return { ...pairs, [name]: readValue(name, value) }
}

const require = createRequire(import.meta.url)

/** A list, a table or a text in quotation marks as YAML writes them in one line; else a number, truth value, null or text. */
function readValue(name: string, text: string): unknown {
  const trimmed = text.trim()
  if (['null', '~'].includes(trimmed)) return null
  if (Object.hasOwn(INFINITIES, trimmed)) return INFINITIES[trimmed]
  if (!/^[[{"']/.test(trimmed)) return parseValue(text)
  // Loaded only where it is needed, and synchronously, because the parsers of flags must return a value.
  const { parse } = require('yaml') as typeof import('yaml')
  try {
    return parse(text, { customTags: [infinity] })
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n')
    throw new UsageError(
      `--env-option ${name} is '${text}', which cannot be read: ${reason} It must be written as YAML in one line, ` +
        "such as '[0.3, 1]', null, text or '{low: 1, high: [2, 3]}'.",
      { cause },
    )
  }
}

const INFINITIES: Record<string, number> = {
  '.inf': Infinity,
  '-.inf': -Infinity,
  Infinity,
  '-Infinity': -Infinity,
}

/** As JavaScript, and so `sac envs`, writes it. */
const infinity: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  test: /^[-+]?Infinity$/,
  resolve: text => (text.startsWith('-') ? -Infinity : Infinity),
}
