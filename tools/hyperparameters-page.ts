/** docs/hyperparameters.md: names, meanings, ranges and defaults come from the schema, advice stands here. */
import { aboutOption } from '../src/options.ts'
import { members } from '../src/sac/members/index.ts'
import { ALGORITHMS, sacOptionsSchema } from '../src/sac/options.ts'
import { hasOption } from '../src/sac/parse-options.ts'

type Name = keyof typeof sacOptionsSchema.shape

/** Groups in the order of the page; of each option, when to change it. */
const ADVICE: Record<string, Partial<Record<Name, string>>> = {
  'What to try first': {
    algorithm: 'Start with `sac`. See [the family](algorithm.md#the-family) for what each member is good at.',
    seed: 'Train at least three seeds before you believe a difference: `--seeds 3`.',
    gamma:
      'Lower it (0.9 to 0.98) where what an action does shows within a few dozen steps. Raise it (0.995 to 0.999) where rewards come hundreds of steps later.',
    hiddenSizes:
      '`64,64` is enough for a few numbers in and out, and many times as fast. Widen it for bodies with many joints.',
    batchSize:
      'Smaller is faster for each update. With small networks 64 learns as well as 256 on many tasks.',
    actorLearningRate:
      '1e-3 learns faster on small networks and often on large ones. Lower it if returns collapse after rising.',
    criticLearningRate: 'As for the actor. Lower it first if the doctor reports impossible values.',
    learningStarts:
      'Raise it to 5,000 or 10,000 where random actions must find something first, or where single seeds get stuck early.',
    updatesPerStep:
      'Lower it to train faster by the clock. Raise it where steps of the environment are dear; above about 4 take `redq` or `droq`.',
    normalizeObservations:
      'Set it where elements of the observation differ in size by a hundred times or more.',
    rewardScale:
      'Bring typical rewards to about 0.1 to 10. With a fixed temperature it also weighs reward against entropy.',
    envs: 'Raise it with environments that wait (bridges, networks), or to use more processors for slow simulations.',
  },
  'Entropy and exploration': {
    temperature:
      'Keep `auto`. Fix it at 0.05 to 0.2 if rewards are so rare that the automatic one collapses.',
    targetEntropy:
      'Lower it (−2 m for m actuators) if the final policy should be more precise. Raise it if it settles too early.',
    entropySchedule: 'To explore more at first than at the end.',
    entropyScheduleEnd: 'With `entropySchedule`.',
    temperatureLearningRate: 'Raise it if the temperature follows rewards too slowly.',
    temperatureBeta1: 'As published for the member; there is rarely a reason.',
    randomActionRepeat:
      'Raise it where a goal needs long pushes in one direction, such as a car that swings out of a valley.',
    stateDependentNoise:
      'For robots and other bodies that shaking wears out, or that single random steps do not move.',
    stateDependentNoiseSteps: '4 to 64 where an episode of one and the same noise is too little variety.',
    stateDependentNoiseStart: 'Raise it (−2 to 0) if the agent hardly moves at first.',
    explorationNoise: 'Raise it if a deterministic policy (TD3, DDPG) settles too early.',
    explorationNoiseKind: 'Ornstein-Uhlenbeck suits bodies with inertia; Gaussian is the usual choice.',
    explorationNoiseTheta: 'With Ornstein-Uhlenbeck noise: smaller values wander for longer.',
    explorationNoiseSchedule: 'To end with less noise than it began with.',
    explorationNoiseScheduleEnd: 'With `explorationNoiseSchedule`.',
  },
  'Targets and critics': {
    tau: 'Raise it (0.01 to 0.02) for faster targets on easy tasks. Lower it if values swing.',
    nStep: '3 to 5 carries rare rewards back faster; the cost is bias from older policies.',
    critics: 'More of them estimate more carefully, at their price; `redq` has 10, `sac-n` any number.',
    targetCritics: 'With many critics: 2, as REDQ does.',
    actorValue: '`mean` with many critics, as REDQ does.',
    criticHiddenSizes: 'Wider critics than actors are cheap at acting time; CrossQ has 2048.',
    criticActivation: 'Rarely.',
    activation: '`tanh` gives smoother policies; `relu` usually learns faster.',
    atoms: 'As published. Fewer are faster.',
    droppedAtoms: 'Raise it if values are too optimistic; 0 leaves nothing out.',
    targetNetworks: '`false` belongs with `batchRenorm` (CrossQ).',
    targetUpdateInterval: 'Rarely; `tau` does the same more smoothly.',
    policyDelay: '2 or 3 saves time where critics are the bottleneck; TD3 has 2, CrossQ 3.',
    targetNoise: 'TD3 alone: more smoothing for critics with sharp peaks.',
    targetNoiseClip: 'With `targetNoise`.',
  },
  'Networks that hold at many updates': {
    layerNorm: 'With more than one update per step, or where values diverge.',
    layerNormEpsilon: 'Rarely.',
    dropout: 'As DroQ: 0.01, with `layerNorm` and many updates per step.',
    batchRenorm: 'As CrossQ, without target networks.',
    batchRenormWarmup: 'Shorten it for runs of fewer than a few hundred thousand updates.',
    batchRenormMomentum: 'Rarely.',
    batchRenormMaxScale: 'Rarely.',
    batchRenormMaxShift: 'Rarely.',
    batchRenormEpsilon: 'Rarely.',
    batchRenormForm: 'To compare with SBX, which has the folded form.',
  },
  'Optimisers and schedules': {
    learningRateSchedule: '`linear` steadies the end of training, where precision counts.',
    learningRateScheduleEnd: 'With `learningRateSchedule`.',
    scheduleSteps:
      'Where an agent without a run uses a schedule, or where it should end before the run does.',
    beta1: '0.5 without target networks, as CrossQ.',
    actorWeightDecay: 'Rarely; for very long runs at many updates per step.',
    criticWeightDecay: 'As for the actor.',
    weightDecayOn: 'With weight decay.',
    maxGradientNorm: '10 where the doctor reports diverging critics.',
  },
  Experience: {
    bufferSize: 'Lower it to save memory, or where old experience misleads because the environment changes.',
    prioritizedReplay: 'Where few transitions matter, such as rare rewards. It costs sampling time.',
    priorityAlpha: 'Lower it towards 0 if the agent learns from outliers alone.',
    priorityBeta: 'Raise it to 1 if values are biased by what is replayed often.',
    priorityBetaSchedule: 'To correct fully at the end, as published.',
    priorityBetaScheduleEnd: 'With `priorityBetaSchedule`.',
    hindsight: '`future` in environments that have goals and reward only reaching them.',
    hindsightGoals: '4 is the published choice; more where goals are reached rarely.',
    demonstrationShare: 'Lower it as demonstrations become worse than the agent.',
    cloningWeight:
      '10 with demonstrations that are good, so that learning keeps what they show; see [stored data](data.md).',
  },
  'The machine': {
    engine: '`wasm` for the same bits everywhere; `auto` otherwise.',
    threads: '1 for several runs at once on one machine.',
    background: 'In pages and servers with large networks, whose own thread must stay free.',
  },
}

const HEAD = `# Hyperparameters

Every option of \`SAC.create\`, \`trainAgent\` and, as a flag (\`--n-step\` for \`nStep\`), of \`sac train\`. Defaults are those
of \`sac\`; other members of the family have their published ones, listed at the end. [Presets](results.md) set what a
built-in environment needs: \`sac train ID\` and \`presetOptions(env)\` take them.
`

/** Options of the schema without advice, for the test. */
export const withoutAdvice = (): string[] => {
  const advised = Object.values(ADVICE).flatMap(options => Object.keys(options))
  return Object.keys(sacOptionsSchema.shape).filter(name => !advised.includes(name))
}

export function hyperparametersPage(): string {
  const groups = Object.entries(ADVICE).map(([title, options]) => {
    const rows = Object.entries(options).map(([name, advice]) => rowOf(name as Name, advice))
    return `## ${title}\n\n| option | meaning | default | range | when to change it |\n|---|---|---|---|---|\n${rows.join('\n')}\n`
  })
  return [HEAD, ...groups, defaultsOfMembers()].join('\n')
}

function rowOf(name: Name, advice: string): string {
  const { description, allowed } = aboutOption(sacOptionsSchema.shape[name])
  const start = sacOptionsSchema.parse({})[name]
  const shown = start === undefined ? '' : `\`${Array.isArray(start) ? start.join(',') : start}\``
  return `| <a id="${name}"></a>\`${name}\` | ${description}${aboutMembers(name)} | ${shown} | ${allowed} | ${advice} |`
}

/** Which members have an option that not every member has. */
function aboutMembers(name: string): string {
  const having = ALGORITHMS.filter(member => hasOption(member, name))
  return having.length < ALGORITHMS.length ? ` (${having.join(', ')})` : ''
}

function defaultsOfMembers(): string {
  const rows = ALGORITHMS.map(name => {
    const { title, source, defaults } = members[name]
    const differing = Object.entries(defaults).map(([option, value]) => `\`${option}: ${value}\``)
    return `| \`${name}\` | ${title} (${source}) | ${differing.join(', ')} |`
  })
  return `## Defaults of the members\n\n| member | published as | what differs from \`sac\` |\n|---|---|---|\n${rows.join('\n')}\n`
}
