/**
 * `soft-actor-critic/policy`: acting from a policy's file, and nothing else, for pages and games.
 * @module soft-actor-critic/policy
 */

export { SafetensorsError } from '../encoding/safetensors.ts'
export type { Vector } from '../env/env.ts'
export type { Box, Spaces } from '../env/spaces.ts'
export type { ActOptions, Policy, PolicyNetwork } from './policy.ts'
export { type LoadedPolicy, loadPolicy } from './policy-file.ts'
