/**
 * `soft-actor-critic/policy`: acting from a policy's file, and nothing else, for pages and games.
 * @module soft-actor-critic/policy
 */

export type { Activation } from '../arithmetic.ts'
export type { NamedTensor, NamedTensors } from '../encoding/safetensors.ts'
export { SafetensorsError } from '../encoding/safetensors.ts'
export type { Discrete } from '../env/discrete.ts'
export type { Vector } from '../env/env.ts'
export type { ActionSpace, Box, Spaces } from '../env/spaces.ts'
export type { Head } from './head.ts'
export type { ActorNetwork } from './network.ts'
export type { ActOptions, Policy, PolicyNetwork, PolicySource } from './policy.ts'
export { type LoadedPolicy, type LoadPolicyOptions, loadPolicy } from './policy-file.ts'
