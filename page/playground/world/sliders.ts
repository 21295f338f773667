/** The environment's own settings as controls: what the registry says of them, and the range of each by hand. */
export type Control =
  | {
      kind: 'number'
      name: string
      explanation: string
      preset: number
      low: number
      high: number
      step: number
    }
  | { kind: 'switch'; name: string; explanation: string; preset: boolean }

/** Ranges that are not from 0 to three times the default. */
const RANGES: Record<string, [low: number, high: number]> = {
  'Pendulum-v1 gravity': [0, 20],
  'MountainCarContinuous-v0 goalVelocity': [0, 0.07],
  'LunarLanderContinuous-v3 gravity': [-11.9, -0.1],
  'LunarLander-v3 gravity': [-11.9, -0.1],
  windPower: [0, 20],
  turbulencePower: [0, 2],
  frameSkip: [1, 10],
}

/** Controls for the settings of an environment whose default is a number or a truth value. */
export function controlsFor(id: string, options: Record<string, string> = {}): Control[] {
  return Object.entries(options).flatMap(([name, text]): Control[] => {
    const preset = /\(default ([^)]*)\)/.exec(text)?.[1]
    const explanation = text.replace(/ \(default [^)]*\)/, '')
    if (preset === 'true' || preset === 'false') {
      return [{ kind: 'switch', name, explanation, preset: preset === 'true' }]
    }
    const number = Number(preset)
    if (preset === undefined || preset === '' || !Number.isFinite(number)) return []
    const [low, high] = RANGES[`${id} ${name}`] ?? RANGES[name] ?? [0, 3 * number || 1]
    const step = name === 'frameSkip' ? 1 : Number(((high - low) / 100).toPrecision(1))
    return [{ kind: 'number', name, explanation, preset: number, low, high, step }]
  })
}

/** Whether it changes how many numbers are observed, so that another agent is needed. */
export const changesObservations = (name: string): boolean => /^(include|exclude)/.test(name)
