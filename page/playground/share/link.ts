import { OptionError, parseSacOptions, type SacOptionsInput, sacOptionsSchema } from '../../../src/index.ts'
import { formatValue, optionValue } from '../../../src/option-text.ts'
import type { Plan } from '../training/plan.ts'

/** What a link says. */
export interface Shared {
  plan: Plan
  /** What the weights of its sender were after some steps. */
  fingerprint?: Fingerprint
  /** What of the link could not be used. */
  faults: string[]
}

export interface Fingerprint {
  step: number
  /** SHA-256 of the weights, in hexadecimal. */
  digest: string
}

/** The end of an address: `#env=Pendulum-v1&env.gravity=5&seed=3`. */
export function toHash({ world, agent }: Plan, fingerprint?: Fingerprint): string {
  const entries = new URLSearchParams({ env: world.id })
  for (const [name, value] of Object.entries(world.options)) entries.set(`env.${name}`, JSON.stringify(value))
  for (const [name, value] of Object.entries(agent)) entries.set(name, formatValue(value))
  if (fingerprint) {
    entries.set('sha256', fingerprint.digest)
    entries.set('steps', String(fingerprint.step))
  }
  return `#${entries}`
}

/** The reverse of `toHash`. What cannot be used is left out, and said. */
export function sharedFrom(hash: string): Shared {
  const entries = new URLSearchParams(hash.replace(/^#/, ''))
  const plan: Plan = { world: { id: entries.get('env') ?? 'Pendulum-v1', options: {} }, agent: { seed: 0 } }
  const faults: string[] = []
  for (const [name, text] of entries) {
    if (['env', 'sha256', 'steps'].includes(name)) continue
    if (name.startsWith('env.')) {
      try {
        plan.world.options[name.slice(4)] = JSON.parse(text)
      } catch {
        faults.push(`The link's ${name} is ${text}, which is no value.`)
      }
      continue
    }
    const type =
      Object.hasOwn(sacOptionsSchema.shape, name) && sacOptionsSchema.shape[name as keyof SacOptionsInput]
    const parsed = type ? optionValue(type, text) : undefined
    if (parsed) Object.assign(plan.agent, { [name]: parsed.value })
    else faults.push(`The link's ${name} is ${text}, which is not allowed.`)
  }
  try {
    parseSacOptions(plan.agent)
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    faults.push(error.message)
    plan.agent = { seed: plan.agent.seed }
  }
  const [digest, step] = [entries.get('sha256'), Number(entries.get('steps'))]
  const isFingerprint = /^[0-9a-f]{64}$/.test(digest ?? '') && Number.isInteger(step) && step > 0
  return { plan, faults, ...(isFingerprint && { fingerprint: { step, digest: digest! } }) }
}
