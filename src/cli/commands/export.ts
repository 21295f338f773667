import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Command, Option } from '@commander-js/extra-typings'
import { policyModuleTypes, policyToModule } from '../../policy/module.ts'
import { policyToOnnx } from '../../policy/onnx.ts'
import type { PolicySource } from '../../policy/policy.ts'
import { policyToSafetensors } from '../../policy/policy-file.ts'
import { loadRunPolicy } from '../../run/load-run.ts'
import { UsageError } from '../../run/usage-error.ts'
import { makeFolder, writeFileAtomically } from '../../run/write-file.ts'
import { say } from '../output/say.ts'

const FORMATS = ['onnx', 'js', 'safetensors'] as const
type Format = (typeof FORMATS)[number]

/** Adds `sac export`. */
export function addExportCommand(program: Command): void {
  program
    .command('export')
    .summary('write the policy of a run as a file to use elsewhere')
    .description(
      'Write the policy that a run has learned as one file to use elsewhere. Observations and actions are in the ' +
        "environment's units; normalisation and rescaling are inside.",
    )
    .argument('<run>', 'directory of the run, as `sac train` printed it')
    .addOption(
      new Option(
        '--format <format>',
        "'onnx' for any ONNX runtime, 'js' for a JavaScript module without dependencies and a file of its types, " +
          "'safetensors' for loadPolicy of soft-actor-critic/policy",
      )
        .choices(FORMATS)
        .makeOptionMandatory(),
    )
    .option('--out <file>', 'the file to write (default policy.<format> in the directory of the run)')
    .option('--stochastic', 'ONNX only: add the input noise and the output sampled_action')
    .action((run, { format, out, stochastic = false }) => {
      if (stochastic && format !== 'onnx') {
        const reason = format === 'js' ? 'its function act takes noise anyway' : 'loadPolicy samples anyway'
        throw new UsageError(`--stochastic is for --format onnx; with --format ${format}, ${reason}.`)
      }
      if (out !== undefined && statSync(out, { throwIfNoEntry: false })?.isDirectory())
        throw new UsageError(`--out is '${out}', a directory; it must be a file.`)
      const policy = loadRunPolicy(run)
      const path = out ?? join(run, stochastic ? 'policy-stochastic.onnx' : `policy.${format}`)
      for (const [file, content] of Object.entries(filesOf(policy, format, path, stochastic))) {
        makeFolder(dirname(file), { recursive: true })
        writeFileAtomically(file, content)
        say(file)
      }
    })
}

/** What to write, by path. */
function filesOf(
  policy: PolicySource,
  format: Format,
  path: string,
  stochastic: boolean,
): Record<string, string | Uint8Array> {
  if (format === 'onnx') return { [path]: policyToOnnx(policy, { stochastic }) }
  if (format === 'safetensors') return { [path]: policyToSafetensors(policy) }
  const [, stem, module] = /^(.*)\.(m?)js$/s.exec(path) ?? []
  if (stem === undefined) {
    throw new UsageError(`--out is '${path}'; with --format js it must be a name that ends in .js or .mjs.`)
  }
  return { [path]: policyToModule(policy), [`${stem}.d.${module}ts`]: policyModuleTypes }
}
