/** `npm run options`: writes what is made from the schemas of options: their types and their page. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hyperparametersPage } from './hyperparameters-page.ts'
import { optionTypes } from './option-types.ts'
import { settingsTypes } from './settings-types.ts'

const root = join(import.meta.dirname, '../..')
writeFileSync(join(root, 'src/sac/option-types.ts'), optionTypes())
writeFileSync(join(root, 'docs/hyperparameters.md'), hyperparametersPage())
for (const [path, text] of Object.entries(settingsTypes())) writeFileSync(join(root, path), text)
