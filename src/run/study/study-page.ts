/** The page of a study: Markdown, and the charts that it shows. Made from its results alone. */
import { type ChartPanel, lineChartSvg } from '../../chart/line-chart.ts'
import { type Cell, cellsOf, nameOf, type Study } from './study-file.ts'
import type { StudyResults, TrainingResult } from './study-results.ts'
import {
  curveOf,
  type Estimate,
  ended,
  estimate,
  failures,
  finalScore,
  overallOf,
  processorSecondsPerThousandSteps,
  scoresAt,
} from './study-statistics.ts'

/** The files of a page, by name; `README.md` is the page itself. */
export type StudyPage = Record<string, string>

/**
 * @param commandOf the command that makes a training, by cell
 * @param command what makes the study, if that is to be said
 */
export function studyPage(
  results: StudyResults,
  { command, commandOf }: { command?: string; commandOf(cell: Cell): string },
): StudyPage {
  const { study, machine, commit } = results
  const parts = study.sweeps ? sweepParts(results) : variantParts(results)
  const text = [
    `# ${study.title}`,
    study.about.trim(),
    `${progressOf(results)} Made ${command === undefined ? '' : `by \`${command}\` `}on ${machine}${commit ? `, at commit ${commit}` : ''}.`,
    howToRead(study),
    ...parts.text,
    '## Commands',
    'Each cell with its first seed; the others differ in `--seed` alone.',
    commandTable(study, commandOf),
  ]
  return { ...parts.charts, 'README.md': `${text.filter(part => part !== '').join('\n\n')}\n` }
}

function progressOf({ study, results }: StudyResults): string {
  const count = (status: TrainingResult['status']) =>
    results.filter(result => result.status === status).length
  const [open, failed] = [count('open'), count('failed')]
  return [
    `${results.length} trainings: ${cellsOf(study).length} cells with ${study.seeds} seed${study.seeds === 1 ? '' : 's'} each.`,
    open > 0 ? `**${open} are still to be made.**` : '',
    failed > 0 ? `${failed} failed and count with their last evaluation before.` : '',
  ]
    .filter(Boolean)
    .join(' ')
}

const howToRead = ({ sweeps, variants }: Study) =>
  'Scores are mean returns of evaluations of the deterministic policy. Each figure is the interquartile mean over seeds, ' +
  'with its 95 % bootstrap interval; with few seeds such an interval is narrower than it should be.' +
  (sweeps || Object.keys(variants).length < 2
    ? ''
    : ' *All tasks* averages scores normalised to each task, resampled task by task; *beats* is the probability that a ' +
      `run scores higher than one of ${Object.keys(variants)[0]} (Agarwal et al. 2021).`)

interface Parts {
  text: string[]
  charts: Record<string, string>
}

// Variants: a table, learning curves, and equal budgets.

function variantParts(results: StudyResults): Parts {
  const { study } = results
  const charts = Object.entries(study.charts ?? { 'Learning curves': Object.keys(study.variants) })
  const drawn = charts.map(([title, variants], i) => {
    const file = charts.length === 1 ? 'curves.svg' : `curves-${i + 1}.svg`
    return { title, file, panels: curvePanels(results, variants, 'step') }
  })
  if (study.processorTime) {
    const panels = curvePanels(results, Object.keys(study.variants), 'processorSeconds')
    drawn.push({ title: 'By processor time', file: 'processor-time.svg', panels })
  }
  const shown = drawn.filter(({ panels }) => panels.length > 0)
  return {
    text: [
      '## Scores at the end',
      scoreTable(results),
      ...(study.published ? ['## Beside published figures', publishedTable(results, study.published)] : []),
      ...(study.processorTime ? budgetTables(results) : []),
      ...shown.map(({ title, file }) => `## ${title}\n\n![${title}](${file})`),
    ],
    charts: Object.fromEntries(shown.map(({ file, panels }) => [file, lineChartSvg(panels)])),
  }
}

function scoreTable(results: StudyResults): string {
  const { study } = results
  const tasks = Object.keys(study.tasks)
  const [first] = Object.keys(study.variants)
  const several = Object.keys(study.variants).length > 1
  const headings = [
    'variant',
    ...tasks,
    ...(several ? ['all tasks', `beats ${first}`] : []),
    'processor s per 1,000 steps',
  ]
  const rows = Object.keys(study.variants).map(variant => {
    const overall = overallOf(results, variant)
    const groups = tasks.map(task => ended(results.results, { task, variant }))
    const cost = groups.map(group => formatCost(processorSecondsPerThousandSteps(group)))
    return [
      variant,
      ...tasks.map(task => formatScores(results, { task, variant })),
      ...(several ? [formatEstimate(overall?.normalised, 2), formatEstimate(overall?.beatsFirst, 2)] : []),
      cost.join(', '),
    ]
  })
  return markdownTable(headings, rows)
}

function formatScores({ study, results }: StudyResults, cell: Cell): string {
  const failed = failures(results, cell)
  const scores = formatEstimate(estimate(ended(results, cell).map(finalScore)))
  return [scores, failed > 0 && `${failed} of ${study.seeds} failed`].filter(Boolean).join(', ')
}

/** Every cell: its seeds one by one, what they took, and what others report. */
export function publishedTable(
  { study, results }: StudyResults,
  published: NonNullable<Study['published']>,
): string {
  const rows = cellsOf(study).map(cell => {
    const group = ended(results, cell)
    const steps = Math.max(0, ...group.map(result => result.steps))
    return [
      Object.keys(study.variants).length > 1 ? nameOf(cell) : cell.task,
      steps.toLocaleString('en-US'),
      `${formatEstimate(estimate(group.map(finalScore)))}: ${group.map(result => formatNumber(finalScore(result))).join(', ')}`,
      formatRange(group.map(({ points }) => points[points.length - 1].processorSeconds)),
      formatRange(group.flatMap(({ seconds }) => seconds ?? [])),
      (published[cell.task] ?? []).map(formatPublished).join('; '),
    ]
  })
  return markdownTable(
    [
      'task',
      'steps',
      'score, and that of each seed',
      'processor s of training',
      'wall-clock s with evaluations',
      'published',
    ],
    rows,
  )
}

const formatPublished = ({ score, steps, by }: { score: number; steps: number; by: string }) =>
  `${formatNumber(score)} after ${steps.toLocaleString('en-US')} steps (${by})`

function formatRange(values: readonly number[]): string {
  if (values.length === 0) return ''
  const [low, high] = [Math.min(...values), Math.max(...values)].map(value => value.toFixed(0))
  return low === high ? low : `${low} to ${high}`
}

/** Every variant at the budget that the one with the least has used up. */
function budgetTables(results: StudyResults): string[] {
  const { study } = results
  const cells = cellsOf(study).map(cell => ({ ...cell, group: ended(results.results, cell) }))
  return (['step', 'processorSeconds'] as const).map(axis => {
    const rows = Object.keys(study.variants).map(variant => [
      variant,
      ...Object.keys(study.tasks).map(task => {
        const { group } = cells.find(cell => cell.task === task && cell.variant === variant)!
        return formatEstimate(estimate(scoresAt(group, axis, budget(task, axis))))
      }),
    ])
    const headings = [
      'variant',
      ...Object.keys(study.tasks).map(task => `${task}, ${formatBudget(budget(task, axis), axis)}`),
    ]
    return `## At equal ${axis === 'step' ? 'environment steps' : 'processor time'}\n\n${markdownTable(headings, rows)}`
  })

  function budget(task: string, axis: 'step' | 'processorSeconds'): number {
    const groups = cells.filter(cell => cell.task === task && cell.group.length > 0).map(({ group }) => group)
    return Math.min(...groups.flat().map(({ points }) => points[points.length - 1][axis]))
  }
}

const formatBudget = (value: number, axis: 'step' | 'processorSeconds') =>
  Number.isFinite(value)
    ? `${axis === 'step' ? `${value.toLocaleString('en-US')} steps` : `${value.toPrecision(2)} s`}`
    : ''

function curvePanels(
  { study, results }: StudyResults,
  variants: readonly string[],
  axis: 'step' | 'processorSeconds',
): ChartPanel[] {
  return Object.keys(study.tasks).flatMap(task => {
    const lines = variants.flatMap(variant => {
      const group = ended(results, { task, variant })
      return group.length > 0 ? [{ label: variant, points: linePoints(group, axis) }] : []
    })
    const xLabel = axis === 'step' ? 'environment steps' : 'processor seconds'
    return lines.length > 0 ? [{ title: task, xLabel, yLabel: 'return of evaluations', lines }] : []
  })
}

/** On the axis of processor time, each evaluation is at the mean time that the seeds took to get there. */
function linePoints(group: readonly TrainingResult[], axis: 'step' | 'processorSeconds') {
  const x = (step: number) => {
    const times = group.flatMap(({ points }) => points.filter(point => point.step === step))
    return times.reduce((sum, point) => sum + point.processorSeconds, 0) / times.length
  }
  return curveOf(group).map(({ step, value, low, high }) => {
    return { x: axis === 'step' ? step : x(step), y: value, ...(group.length > 1 && { low, high }) }
  })
}

// Sweeps: a table and a chart for each setting.

function sweepParts(results: StudyResults): Parts {
  const settings = Object.keys(results.study.sweeps!)
  const parts = settings.map(setting => ({
    setting,
    file: `${setting}.svg`,
    panels: sweepPanels(results, setting),
  }))
  return {
    text: parts.flatMap(({ setting, file, panels }) => [
      `## ${setting}`,
      ...(panels.length > 0 ? [`![Score by ${setting}](${file})`] : []),
      ...Object.keys(results.study.tasks).map(task => sweepTable(results, setting, task)),
    ]),
    charts: Object.fromEntries(
      parts.filter(({ panels }) => panels.length > 0).map(({ file, panels }) => [file, lineChartSvg(panels)]),
    ),
  }
}

function sweepTable(results: StudyResults, setting: string, task: string): string {
  const values = results.study.sweeps![setting]
  const rows = Object.keys(results.study.variants).map(variant => [
    variant,
    ...values.map(value => formatScores(results, { task, variant, sweep: { setting, value } })),
  ])
  return markdownTable([task, ...values.map(String)], rows)
}

function sweepPanels({ study, results }: StudyResults, setting: string): ChartPanel[] {
  const values = study.sweeps![setting].filter((value): value is number => typeof value === 'number')
  return Object.keys(study.tasks).flatMap(task => {
    const lines = Object.keys(study.variants).flatMap(variant => {
      const points = values.flatMap(value => {
        const scores = ended(results, { task, variant, sweep: { setting, value } }).map(finalScore)
        const found = estimate(scores)
        return found
          ? [{ x: value, y: found.value, ...(scores.length > 1 && { low: found.low, high: found.high }) }]
          : []
      })
      return points.length > 0 ? [{ label: variant, points }] : []
    })
    const xScale = values.every(value => value > 0) ? ('log' as const) : ('linear' as const)
    return lines.length > 0 ? [{ title: task, xLabel: setting, yLabel: 'final score', lines, xScale }] : []
  })
}

// Texts.

function commandTable(study: Study, commandOf: (cell: Cell) => string): string {
  return markdownTable(
    ['cell', 'command'],
    cellsOf(study).map(cell => [nameOf(cell), `\`${commandOf(cell)}\``]),
  )
}

function formatEstimate(found: Estimate | undefined, digits?: number): string {
  if (!found) return ''
  const text = (value: number) => formatNumber(value, digits)
  return `${text(found.value)} (${text(found.low)} to ${text(found.high)})`
}

const formatNumber = (value: number, digits?: number) =>
  (digits === undefined ? formatScore(value) : value.toFixed(digits)).replace('-', '−')

/** Two digits, or whole seconds. */
const formatCost = (seconds: number | undefined) =>
  seconds === undefined ? '' : seconds < 100 ? seconds.toPrecision(2) : seconds.toFixed(0)

/** Returns of thousands need no decimals. */
const formatScore = (value: number) =>
  Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(1)

const markdownTable = (headings: readonly string[], rows: readonly (readonly string[])[]) =>
  [headings, headings.map(() => '---'), ...rows]
    .map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
