/** What distinguishes runs from each other. */
import { NO_PART_OF_EXPERIMENT } from '../../src/run/experiment.ts'
import type { RunRow } from '../../src/run/ui/messages.ts'
import { ALGORITHMS, type AlgorithmName } from '../../src/sac/options.ts'
import { hasOption } from '../../src/sac/parse-options.ts'
import { formatValue } from './format.ts'

/** The names under which these tables do not all say the same. */
export function differing(tables: readonly Readonly<Record<string, unknown>>[]): string[] {
  const names = new Set(tables.flatMap(table => Object.keys(table)))
  return [...names].filter(name => new Set(tables.map(table => JSON.stringify(table[name]))).size > 1)
}

/** Short names for groups of runs: what distinguishes each from the others, where it is not the default. */
export function titlesOf(firsts: readonly RunRow[]): string[] {
  const tables = firsts.map(
    ({ environment, algorithm, changed }): Record<string, unknown> & Pick<RunRow, 'algorithm'> => ({
      environment,
      algorithm,
      ...Object.fromEntries(
        Object.entries(changed).filter(([name]) => !NO_PART_OF_EXPERIMENT.includes(name)),
      ),
    }),
  )
  // That another algorithm has no such setting is said by its name.
  const names = differing(tables).filter(name =>
    differing(tables.filter(({ algorithm }) => mayHave(algorithm, name))).includes(name),
  )
  return tables.map(table => {
    const said = names
      .filter(name => table[name] !== undefined)
      .map(name =>
        ['environment', 'algorithm'].includes(name)
          ? String(table[name])
          : `${name} ${formatValue(table[name])}`,
      )
    return said.join(', ') || (firsts.length > 1 ? 'defaults' : String(table.environment))
  })
}

/** Algorithms of another version may have any setting. */
const mayHave = (algorithm: string, name: string) =>
  !(ALGORITHMS as readonly string[]).includes(algorithm) || hasOption(algorithm as AlgorithmName, name)
