import { Option } from '@commander-js/extra-typings'
import { UsageError } from '../../run/usage-error.ts'
import { parseValue } from '../option-flags.ts'

/** The flag `--env-option`, whose values come together in one table. */
export const envOptionFlag = () =>
  new Option(
    '--env-option <name=value>',
    'a setting of the environment; may be given several times',
  ).argParser(addPair)

function addPair(text: string, pairs: Record<string, unknown> = {}): Record<string, unknown> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined) throw new UsageError(`--env-option is '${text}'; it must be a name, = and a value.`)
  return { ...pairs, [name]: parseValue(value) }
}
