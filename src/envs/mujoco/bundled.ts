/**
 * `import 'soft-actor-critic/mujoco'`: makes MuJoCo (11 MB) part of a bundle for web pages, which loads it when the first
 * of its environments is made. Without this import a bundle does not contain it. Node needs no such import.
 * @module soft-actor-critic/mujoco
 */
import { provideMujoco } from './bindings.ts'

provideMujoco(() => import('@mujoco/mujoco'))
