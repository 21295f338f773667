/** `optimizer_class` and `optimizer_kwargs`: those of actor and critics, which the temperature's Adam does not share. */
import type { SacOptionsInput } from '../sac/options.ts'
import { isAllowed, isTable, listed, shown, type Table } from './stable-baselines3-data.ts'

const [ADAM, ADAMW] = ['torch.optim.adam.Adam', 'torch.optim.adamw.AdamW']

/** Constants of PyTorch's Adam and AdamW as options, and a sentence about those that are none here. */
export function optimizerIn({ optimizer_class: kind = ADAM, optimizer_kwargs: given }: Table): {
  options: SacOptionsInput
  notes: string[]
} {
  const name = shown(kind)
  if (name !== ADAM && name !== ADAMW) {
    return { options: {}, notes: [`optimizer_class is ${name}; here it is Adam.`] }
  }
  const constants = isTable(given) ? given : {}
  // Adam's own weight_decay adds to the gradient, which is something else.
  const decay = name === ADAMW ? decayIn(constants) : 0
  const beta1 = beta1In(constants)
  const others = listed(
    constants,
    (key, value) =>
      (key === 'weight_decay' && value === decay) ||
      (key === 'betas' && beta1 !== undefined) ||
      (key === 'eps' && value === 1e-8) ||
      value === null ||
      value === false,
  )
  const isLegible = given === undefined || given === null || isTable(given)
  return {
    options: {
      ...(beta1 !== undefined && { beta1 }),
      ...(decay !== undefined && decay > 0 && { actorWeightDecay: decay, criticWeightDecay: decay }),
    },
    notes: isLegible
      ? others
        ? [`optimizer_kwargs that have no place here are not taken over: ${others}.`]
        : []
      : [`optimizer_kwargs are ${shown(given)}; here they are PyTorch's defaults.`],
  }
}

/** AdamW's decay; undefined if it is no number that is allowed here. */
function decayIn({ weight_decay: decay = 0.01 }: Table): number | undefined {
  return typeof decay === 'number' && isAllowed('actorWeightDecay', decay) ? decay : undefined
}

/** Undefined if it is not given, or the second beta is not the one here. */
function beta1In({ betas }: Table): number | undefined {
  const [beta1, beta2] = Array.isArray(betas) ? betas : []
  return beta2 === 0.999 && isAllowed('beta1', beta1) ? beta1 : undefined
}
